// The messages that test half-open entries, as the log tells of them: which are settled.
//
// A probe is settled by the end of its send, and by whatever takes its message out of the queue. A message
// that is handed to a content filter comes back under another queue id, and the probe follows it. One
// thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/event.h"
#include "suppressd/core/half_open.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/tracked.h"
#include "suppressd/core/tracker.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

/// What a log line tells of a message that is a probe.
struct ProbeLine {
  enum class What { removed, entered, handed_over };
  Time at;
  What what = What::removed;
  std::string queue_id;
  std::string address;  ///< handed_over: the recipient's.
  std::string next_id;  ///< handed_over: its queue id there; empty: not known.
};

/// Picks the lines of some queue ids out of a log.
class ProbeWatch {
 public:
  void watch(const std::vector<Probe>& probes);
  /// And one more message.
  void watch(std::string_view queue_id) { queue_ids_.emplace(queue_id); }
  /// Looks at one event. Costs nothing if no message is watched.
  void see(const Event& event, const Tracker::AttemptFacts& facts,
           const std::vector<Tracker::Target>& targets, std::vector<ProbeLine>& lines) {
    if (!queue_ids_.empty() && queue_ids_.contains(event.key.queue_id)) take(event, facts, targets, lines);
  }

 private:
  void take(const Event& event, const Tracker::AttemptFacts& facts,
            const std::vector<Tracker::Target>& targets, std::vector<ProbeLine>& lines);

  std::unordered_set<std::string, TextHash, std::equal_to<>> queue_ids_;
};

/// Writes how the probes stand after a part of the log: its outcomes, and the lines that were picked.
Status settle_probes(Batch& batch, std::vector<Probe>& probes, const std::vector<Outcome>& outcomes,
                     const std::vector<ProbeLine>& lines);
/// Removes those whose message the tracker no longer has.
Status settle_probes(Batch& batch, std::vector<Probe>& probes, const TrackerChanges& tracked);

}  // namespace suppressd
