// Events that are ahead of the clock, because the clock of the machine that logged them is wrong: how
// many, and how far.
//
// Plain data; nothing fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

/// An event that is further ahead waits until it is within this time of the clock.
inline constexpr Duration kAheadOfClock = std::chrono::hours(1);

struct Ahead {
  std::uint64_t events = 0;
  Duration by{};     ///< How far ahead the furthest one is.
  std::string host;  ///< The host that logged that one, cleaned; empty: it came from a report.

  void add(Ahead more);
  /// `3 events are up to 5h ahead of the clock (the log of mx1) and wait for it`, in whole minutes, hours or
  /// days.
  std::string words() const;
};

}  // namespace suppressd
