// The times of one log stream, as Unix seconds.
//
// Owns the rule that finds the year of an RFC 3164 time, and the zone of times without one. Belongs
// to one stream; not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"
#include "suppressd/base/time_zone.h"

namespace suppressd {

/// The first line without a year gets the latest year in which its time is at most a day after
/// `reference` (the file's mtime; for standard input: now). From then on, the year only advances: a
/// time more than 31 days before the last one begins the next year. A late line of December, up to
/// a day before the last one of January, stays in the old year. After a restart, the stored last
/// time takes over. A local time that exists twice is the first of the two, unless that is more
/// than five minutes before the last time.
class LineClock {
 public:
  /// `zone`: an IANA name; empty: the system's zone, regardless of TZ. Error: the system does not
  /// know the zone.
  static Result<LineClock> make(std::string_view zone, Time reference, std::optional<Time> last_time);

  /// Local calendar time (month 1-12) without a year.
  Time resolve(int month, int day, int hour, int minute, int second);
  /// Local calendar time with a year and no zone.
  Time resolve(int year, int month, int day, int hour, int minute, int second);
  /// The length of `Nov 20 22:`, the beginning of a time without a year. Lines with the same
  /// beginning share one look-up in calendar and zone: this is the only cache of time stamps.
  static constexpr std::size_t kHourText = 10;
  /// Call right after resolve(), with the text that was resolved.
  void remember_hour(std::string_view text);
  /// The start of the hour in which `text` begins. nullopt: it is not the remembered hour, or that
  /// hour was not remembered because clocks change in it or because it is more than a day late.
  std::optional<Time> hour_of(std::string_view text) const {
    if (!hour_start_ || !text.starts_with(std::string_view(hour_text_.data(), hour_text_.size()))) return {};
    return hour_start_;
  }
  /// For a time within hour_of(): it becomes the last time if it is newer.
  Time take(Time exact) {
    last_ = last_ ? std::max(*last_, exact) : exact;
    return exact;
  }
  /// For a time with year and zone: it becomes the last time.
  Time note(Time exact);

  /// The last time so far, to be stored with the cursor.
  std::optional<Time> last_time() const { return last_; }

 private:
  LineClock(TimeZone zone, Time reference, std::optional<Time> last_time)
      : zone_(std::move(zone)), reference_(reference), last_(last_time) {}
  Time at_local(std::int64_t local);
  int year_for(int month, int day, std::int64_t second_of_day) const;

  TimeZone zone_;
  Time reference_;
  std::optional<Time> last_;

  std::int64_t local_hour_ = 0;  ///< The start of the hour that resolve() found, in local seconds.
  std::array<char, kHourText> hour_text_{};
  std::optional<Time> hour_start_;
};

}  // namespace suppressd
