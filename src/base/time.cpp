#include "suppressd/base/time.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::int64_t kLongest = 100LL * 366 * 24 * 3600;

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 4> kUnits{{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};

Error not_a_duration(std::string_view text) {
  return {"\"" + clean(text, 60) +
          "\" is not a duration; write, for example, 90s, 15m, 72h, 30d (100 years at most) or forever"};
}

Error not_a_time(std::string_view text) {
  return {"\"" + clean(text, 60) +
          "\" is not a time; write, for example, 2026-11-01, 2026-11-01T22:58:55Z or @1793574000"};
}

/// Reads from left to right and remembers whether something was missing.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void need(char c) { good_ = take(c) && good_; }
  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') {
        good_ = false;
        return 0;
      }
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool good() const { return good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

Time wall_clock() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Result<Duration> parse_duration(std::string_view text) {
  if (text == "forever") return kForever;
  if (text.size() < 2 || text[0] < '0' || text[0] > '9') return not_a_duration(text);
  const auto number = text.substr(0, text.size() - 1);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  if (error != std::errc{} || end != number.data() + number.size()) return not_a_duration(text);
  for (const auto& unit : kUnits) {
    if (unit.letter != text.back()) continue;
    if (count > kLongest / unit.seconds) return not_a_duration(text);
    return Duration{count * unit.seconds};
  }
  return not_a_duration(text);
}

std::string format_duration(Duration duration) {
  if (duration == kForever) return "forever";
  const auto seconds = duration.count();
  if (seconds == 0) return "0s";
  for (const auto& unit : kUnits) {
    if (seconds % unit.seconds == 0) return std::to_string(seconds / unit.seconds) + unit.letter;
  }
  return {};
}

std::string format_time(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "T%02d:%02d:%02dZ", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return format_date(time) + text.data();
}

std::string format_date(Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

Result<Time> parse_time(std::string_view text) {
  const auto whole = trim(text);
  if (whole.starts_with('@')) {
    std::int64_t seconds = 0;
    const auto* const last = whole.data() + whole.size();
    const auto [end, error] = std::from_chars(whole.data() + 1, last, seconds);
    if (error != std::errc{} || end != last || seconds < 0 || seconds > 253402300799) return not_a_time(text);
    return from_unix(seconds);
  }

  Reader reader{whole};
  const std::chrono::year year{reader.digits(4)};
  reader.need('-');
  const std::chrono::month month{static_cast<unsigned>(reader.digits(2))};
  reader.need('-');
  const std::chrono::day day{static_cast<unsigned>(reader.digits(2))};
  const std::chrono::year_month_day date{year, month, day};
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (reader.take('T') || reader.take(' ')) {
    hour = reader.digits(2);
    reader.need(':');
    minute = reader.digits(2);
    if (reader.take(':')) second = reader.digits(2);
  }
  std::chrono::minutes offset{0};
  const bool east = reader.take('+');
  if (east || (!reader.take('Z') && reader.take('-'))) {
    const int hours = reader.digits(2);
    reader.take(':');
    const int minutes = reader.digits(2);
    if (hours > 23 || minutes > 59) return not_a_time(text);
    offset = (east ? 1 : -1) * std::chrono::minutes{hours * 60 + minutes};
  }
  if (!reader.good() || !reader.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 59)
    return not_a_time(text);
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         Duration{second} - offset;
}

std::optional<Time> end_of(Time start, Duration length) {
  std::int64_t end = 0;
  if (length == kForever || __builtin_add_overflow(to_unix(start), length.count(), &end)) return std::nullopt;
  return from_unix(end);
}

}  // namespace suppressd
