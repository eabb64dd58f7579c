// What a batch of log records tells: the outcomes of sends, in the order of the log.
//
// Plain data, handed from the observer to the decider, in a replay from one thread to another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/cursor.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/own_incident.h"
#include "suppressd/store/line_counts.h"

#include "probe_watch.h"

namespace suppressd {

struct Observations {
  Cursor cursor;  ///< Where the stream is after them; `id` as the source knew it.
  std::vector<Gap> gaps;
  std::uint64_t records = 0;
  Time day;  ///< On which the lines are counted.
  LineCounts lines;
  std::vector<LineSample> samples;

  std::vector<Outcome> outcomes;
  /// At this time the brake forgets old buckets, before it takes the outcome of this index.
  struct Sweep {
    std::size_t before = 0;
    Time at;
  };
  std::vector<Sweep> sweeps;
  /// It came before the outcome of this index.
  struct SoftBounceBefore {
    std::size_t before = 0;
    SoftBounce bounce;
  };
  std::vector<SoftBounceBefore> soft_bounces;
  struct FailedBefore {
    std::size_t before = 0;
    FailedAttempt attempt;
  };
  std::vector<FailedBefore> failed_attempts;
  std::vector<ProbeLine> probe_lines;  ///< In the order of the log.
  std::uint64_t attempts = 0;          ///< Lines that tell of an attempt.
};

}  // namespace suppressd
