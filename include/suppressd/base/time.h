// Times and durations as the operator writes and reads them.
//
// The domain has no clock: every function that needs a time is given one. Times are Unix seconds
// (UTC); a duration may be `forever`. Pure functions, safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"

namespace suppressd {

using Duration = std::chrono::seconds;
using Time = std::chrono::sys_seconds;

inline constexpr Duration kForever = Duration::max();

inline Time from_unix(std::int64_t seconds) {
  return Time{Duration{seconds}};
}
inline std::int64_t to_unix(Time time) {
  return time.time_since_epoch().count();
}

/// Now. The domain is given a time; it never asks.
Time wall_clock();

/// Reads `0s`, `90s`, `15m`, `72h`, `30d` or `forever`. Any other text, a sign, or a value beyond
/// 100 years is an error that quotes the text and shows valid ones.
Result<Duration> parse_duration(std::string_view text);

/// The shortest text that parse_duration reads back as the same duration: `72h`, `3d`, `forever`.
std::string format_duration(Duration duration);

/// `2026-11-01T22:58:55Z` (ISO 8601, UTC).
std::string format_time(Time time);

/// `2026-11-01` (ISO 8601, UTC).
std::string format_date(Time time);

/// Reads what a person types after --since: `2026-11-01`, `2026-11-01T22:58` or
/// `2026-11-01 22:58:55`, each with an optional `Z` or `+01:00` (default: UTC), or `@1793574000`
/// (Unix seconds).
Result<Time> parse_time(std::string_view text);

/// `start + length`. nullopt: there is no end (kForever or an overflow).
std::optional<Time> end_of(Time start, Duration length);

}  // namespace suppressd
