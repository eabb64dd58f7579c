// A bounded queue from the milter's threads to the learning thread. It never makes the offering
// thread wait for space.
//
// An item that is offered to a full queue is dropped and counted; take() returns the count along
// with the waiting items. Any thread may offer; one thread takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace suppressd {

template <typename Item>
class BoundedQueue {
 public:
  /// `wake` is called in the offering thread if the queue was empty before; it must not block.
  explicit BoundedQueue(std::size_t capacity, std::function<void()> wake = {})
      : capacity_(capacity), wake_(std::move(wake)) {}

  /// False: the queue is full, and the item was dropped and counted.
  bool offer(Item item) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= capacity_) {
        ++dropped_;
        return false;
      }
      was_empty = waiting_.empty();
      waiting_.push_back(std::move(item));
    }
    if (was_empty && wake_) wake_();
    return true;
  }

  /// All waiting items, oldest first. `dropped` becomes the number of items dropped since the last
  /// call.
  std::vector<Item> take(std::uint64_t& dropped) {
    std::vector<Item> taken;
    const std::lock_guard lock(mutex_);
    taken.swap(waiting_);
    dropped = std::exchange(dropped_, 0);
    return taken;
  }

 private:
  std::mutex mutex_;
  std::vector<Item> waiting_;
  std::size_t capacity_;
  std::uint64_t dropped_ = 0;
  std::function<void()> wake_;
};

}  // namespace suppressd
