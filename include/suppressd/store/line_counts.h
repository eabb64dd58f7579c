// How many lines of the log were understood, and samples of those that were not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "suppressd/base/time.h"

namespace suppressd {

/// How many samples are kept, the newest ones.
inline constexpr int kLineSamples = 100;

/// Lines of one day. Plain data.
struct LineCounts {
  std::int64_t understood = 0;
  std::int64_t ignored = 0;  ///< Nothing is learned from them.
  std::int64_t not_understood = 0;
};

struct LineSample {
  Time at;
  std::string line;  ///< Cleaned and cut.
};

}  // namespace suppressd
