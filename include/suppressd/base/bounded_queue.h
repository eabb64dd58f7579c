// What passes from the milter's threads to the learning thread: bounded, and never blocking the one who
// offers.
//
// When it is full the item is dropped and counted, and the count is handed over with what waits. Any thread
// offers; one takes.
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
  /// `wake` is called, from the offering thread, when the queue was empty before; it must not block.
  explicit BoundedQueue(std::size_t capacity, std::function<void()> wake = {})
      : capacity_(capacity), wake_(std::move(wake)) {}

  /// False when full: the item is dropped and counted.
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

  /// All that waits, oldest first, and how many were dropped since the last call.
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
