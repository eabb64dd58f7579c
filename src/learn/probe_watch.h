// The messages that test half-open entries, as the log tells of them: which are settled.
//
// A probe is settled by the end of its send, and by whatever takes its message out of the queue. A message
// that is handed to a content filter comes back under another queue id, and the probe follows it. One
// thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
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
  void watch(const std::vector<std::string>& queue_ids) { queue_ids_ = {queue_ids.begin(), queue_ids.end()}; }
  void watch_also(const std::string& queue_id) { queue_ids_.insert(queue_id); }
  std::size_t size() const { return queue_ids_.size(); }
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

/// The rows of `probe`, in memory: what a batch of lines tells about some of them must not cost a look at
/// all. Its owner loads them again if another process may have changed them, or a batch was not committed.
class OpenProbes {
 public:
  void load(std::vector<Probe> probes);
  /// In place of an older one of its address.
  void add(Probe probe);
  std::size_t size() const { return by_address_.size(); }
  std::vector<std::string> queue_ids() const;

  /// Writes how the probes stand after a part of the log: its outcomes, and the lines that were picked.
  Status settle(Batch& batch, const std::vector<Outcome>& outcomes, const std::vector<ProbeLine>& lines);
  /// Removes those whose message the tracker no longer has.
  Status settle(Batch& batch, const TrackerChanges& tracked);

 private:
  std::vector<std::string> addresses_of(std::string_view queue_id) const;
  void take_out(const Probe& probe);
  Status remove(Batch& batch, const Probe& probe);

  std::unordered_map<std::string, Probe, TextHash, std::equal_to<>> by_address_;
  std::unordered_multimap<std::string, std::string, TextHash, std::equal_to<>> by_queue_id_;
};

}  // namespace suppressd
