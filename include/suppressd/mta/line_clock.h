// The times of one log stream, as Unix seconds.
//
// Owns the year rule for RFC 3164, which has none, and the zone for times that have none. Belongs to one
// stream; not thread-safe.
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

/// The first line without a year gets the latest year that puts it at or before `reference` (the file's
/// mtime; standard input: now) plus a day; from there the year only advances: a time more than 31 days before
/// the newest one begins the next year. A line of 31 December that comes late, up to a day behind one of
/// January, stays in the old year. After a restart, the stored last time goes on. A local time that exists
/// twice is the first one unless the stream has passed it by more than five minutes.
class LineClock {
 public:
  /// `zone`: an IANA name; empty: the system's, whatever TZ says. Error: a zone that the system does not
  /// know.
  static Result<LineClock> make(std::string_view zone, Time reference, std::optional<Time> last_time);

  /// Local calendar time (month 1-12) without a year.
  Time resolve(int month, int day, int hour, int minute, int second);
  /// Local calendar time with a year and no zone.
  Time resolve(int year, int month, int day, int hour, int minute, int second);
  /// How a time without a year begins: `Nov 20 22:`. Lines of one hour share it, and the look into calendar
  /// and zone: this is the only cache of time stamps.
  static constexpr std::size_t kHourText = 10;
  /// Call right after resolve(), with the text that was resolved.
  void remember_hour(std::string_view text);
  /// When the hour began with whose text `text` begins; nullopt: another hour, or one
  /// in which clocks change, or that is more than a day late.
  std::optional<Time> hour_of(std::string_view text) const {
    if (!hour_start_ || !text.starts_with(std::string_view(hour_text_.data(), hour_text_.size()))) return {};
    return hour_start_;
  }
  /// A time within hour_of(); becomes the last time if it is newer.
  Time take(Time exact) {
    last_ = last_ ? std::max(*last_, exact) : exact;
    return exact;
  }
  /// A time with year and zone: only remembered, as the last time.
  Time note(Time exact);

  /// Newest time so far; to be kept with the cursor.
  std::optional<Time> last_time() const { return last_; }

 private:
  LineClock(TimeZone zone, Time reference, std::optional<Time> last_time)
      : zone_(std::move(zone)), reference_(reference), last_(last_time) {}
  Time at_local(std::int64_t local);
  int year_for(int month, int day, std::int64_t second_of_day) const;

  TimeZone zone_;
  Time reference_;
  std::optional<Time> last_;

  std::int64_t local_hour_ = 0;  ///< Where resolve() found the hour to begin, in local seconds.
  std::array<char, kHourText> hour_text_{};
  std::optional<Time> hour_start_;
};

}  // namespace suppressd
