// The test messages of breakers that are on their way, from the decision to let one through until its row is
// in `breaker_test`.
//
// The sessions of the milter share it, so that no more go out than a batch has. A ticket counts at once; at
// the end of the message it becomes a note for the learning thread, and counts until that is stored. What is
// not stored when the process is killed is not counted: then some more go out. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "suppressd/core/breaker.h"

namespace suppressd {

class TestTickets {
 public:
  /// `wake` is called when there is something to store; it must not block.
  explicit TestTickets(std::function<void()> wake = {}) : wake_(std::move(wake)) {}

  /// Returns how many of the place are out, with this one. release() or sent() must follow.
  std::int64_t take(const BreakerPlace& place);
  void release(const BreakerPlace& place) noexcept;
  /// The message was accepted.
  void sent(TestMessage message) noexcept;

  /// Those that were sent and are not stored yet. Costs nothing if there are none.
  std::vector<TestMessage> waiting();
  /// The first `count` of them are in the database, where every look-up sees them.
  void stored(std::size_t count);

 private:
  std::mutex mutex_;
  std::map<BreakerPlace, std::int64_t> out_;
  std::int64_t taken_ = 0;  ///< Of these, not sent yet: each has room in `sent_`.
  std::vector<TestMessage> sent_;
  std::atomic<std::size_t> waiting_{0};
  std::function<void()> wake_;
};

}  // namespace suppressd
