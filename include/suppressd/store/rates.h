// Rates as people ask for them. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "suppressd/base/time.h"
#include "suppressd/core/alert.h"
#include "suppressd/core/rate.h"

namespace suppressd {

/// What was counted for one name, or on one day (`2026-11-01`).
struct RateSums {
  std::string name;
  WindowCounts sums;
};

/// A rate that is over a limit, or over half of it.
struct UnusualRate {
  RateName place;
  AlertWhat what = AlertWhat::hard;
  RateJudgement judgement;  ///< Its level is none if it is only near the first limit.
};

/// Of mail that has no tags although its message had some; since the database was made.
struct LostTags {
  std::int64_t lost = 0;     ///< Notes of the milter that came to no message.
  std::int64_t unnoted = 0;  ///< Messages without tags that entered when suppressd was killed: at most these.
};

/// Whether alerts can be relied on.
struct RateWatch {
  bool counted = false;             ///< Anything was.
  std::optional<Time> looked;       ///< When the daemon has last looked at the alerts.
  std::optional<Time> newest_line;  ///< Of a log that is followed.
};

}  // namespace suppressd
