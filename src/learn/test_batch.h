// The test messages of breakers, as the log and reports tell of them: how many of their sends ended, and who
// failed hard.
//
// A message that is handed to a content filter comes back under another queue id, and the test follows it.
// What leaves the queue has ended, whatever became of it. One thread; after an Error the batch must be
// dropped, and load() called.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/breaker.h"
#include "suppressd/core/outcome.h"
#include "suppressd/store/ledger.h"

#include "probe_watch.h"

namespace suppressd {

class TestBatch {
 public:
  /// Reads the rows.
  Status load(Batch& batch);
  void clear();
  bool empty() const { return messages_.empty(); }

  template <typename Take>
  void each_queue_id(Take take) const {
    for (const auto& [queue_id, message] : by_queue_id_) take(queue_id);
  }

  /// Before the outcomes of a part of the log: messages that were handed on in it.
  Status follow(Batch& batch, const std::vector<ProbeLine>& lines);
  Status take(Batch& batch, const Outcome& outcome);
  /// After the outcomes: messages that have left the queue.
  Status finish(Batch& batch, const std::vector<ProbeLine>& lines);

 private:
  void index();

  std::vector<TestMessage> messages_;
  std::unordered_multimap<std::string, std::size_t, TextHash, std::equal_to<>> by_queue_id_;
};

}  // namespace suppressd
