// Events that are ahead of the clock, as a machine whose clock is wrong logs them: how many, and how far.
//
// Plain data; nothing fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

/// What is further ahead waits until the clock has come so near.
inline constexpr Duration kAheadOfClock = std::chrono::hours(1);

struct Ahead {
  std::uint64_t events = 0;
  Duration by{};     ///< The one furthest ahead.
  std::string host;  ///< Whose log tells it, cleaned; empty: a report's.

  void add(Ahead more);
  /// `3 events are up to 5h ahead of the clock (the log of mx1) and wait for it`, in whole minutes, hours or
  /// days.
  std::string words() const;
};

}  // namespace suppressd
