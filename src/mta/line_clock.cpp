#include "suppressd/mta/line_clock.h"

#include <algorithm>

namespace suppressd {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kHour = 3600;
constexpr Duration kOutOfOrder = std::chrono::minutes(5);
/// For a line of the old year after one of the new year.
constexpr Duration kLate = std::chrono::days(1);

/// A day beyond the end of the month is a day of the next month.
std::int64_t day_number(int year, int month, int day) {
  const auto first = std::chrono::sys_days{std::chrono::year{year} / month / 1};
  return first.time_since_epoch().count() + day - 1;
}

int year_of(Time time) {
  return static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(time)}.year());
}

bool is_leap_day(int month, int day) {
  return month == 2 && day == 29;
}

}  // namespace

Result<LineClock> LineClock::make(std::string_view zone, Time reference, std::optional<Time> last_time) {
  Result<TimeZone> loaded = TimeZone::load(zone);
  if (!loaded) return loaded.error();
  return LineClock(std::move(*loaded), reference, last_time);
}

Time LineClock::resolve(int month, int day, int hour, int minute, int second) {
  hour_start_.reset();
  const std::int64_t second_of_day = hour * kHour + minute * 60 + second;
  const int year = year_for(month, day, second_of_day);
  const std::int64_t local_day = day_number(year, month, day) * kDay;
  local_hour_ = local_day + hour * kHour;
  return take(at_local(local_day + second_of_day));
}

Time LineClock::resolve(int year, int month, int day, int hour, int minute, int second) {
  return note(at_local(day_number(year, month, day) * kDay + hour * kHour + minute * 60 + second));
}

void LineClock::remember_hour(std::string_view text) {
  const TimeZone::Meaning start = zone_.meaning_of(local_hour_);
  const TimeZone::Meaning end = zone_.meaning_of(local_hour_ + kHour - 1);
  if (start.first != start.second || end.first != end.second) return;
  if (end.first - start.first != Duration(kHour - 1)) return;
  if (start.first < *last_ - kLate) return;  // the year might depend on the minute
  std::copy_n(text.begin(), kHourText, hour_text_.begin());
  hour_start_ = start.first;
}

Time LineClock::note(Time exact) {
  hour_start_.reset();
  last_ = exact;
  return exact;
}

Time LineClock::at_local(std::int64_t local) {
  const TimeZone::Meaning meaning = zone_.meaning_of(local);
  return last_ && meaning.first < *last_ - kOutOfOrder ? meaning.second : meaning.first;
}

int LineClock::year_for(int month, int day, std::int64_t second_of_day) const {
  const auto in_year = [&](int year) {
    return zone_.meaning_of(day_number(year, month, day) * kDay + second_of_day).first;
  };
  if (!last_) {
    int year = year_of(reference_) + 1;
    while (in_year(year) > reference_ + std::chrono::days(1)) --year;
    while (is_leap_day(month, day) && !std::chrono::year{year}.is_leap()) --year;
    return year;
  }
  const int year = year_of(*last_);
  if (in_year(year - 1) >= *last_ - kLate) return year - 1;
  return in_year(year) < *last_ - std::chrono::days(31) ? year + 1 : year;
}

}  // namespace suppressd
