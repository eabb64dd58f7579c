#include "suppressd/core/refusal.h"

#include <utility>

namespace suppressd {

RefusalQueue::RefusalQueue(std::size_t capacity, std::function<void()> wake) : capacity_(capacity), wake_(std::move(wake)) {}

bool RefusalQueue::offer(Refusal refusal) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= capacity_) {
      ++dropped_;
      return false;
    }
    was_empty = waiting_.empty();
    waiting_.push_back(std::move(refusal));
  }
  if (was_empty && wake_) wake_();
  return true;
}

std::vector<Refusal> RefusalQueue::take(std::uint64_t& dropped) {
  std::vector<Refusal> taken;
  const std::lock_guard lock(mutex_);
  taken.swap(waiting_);
  dropped = std::exchange(dropped_, 0);
  return taken;
}

}  // namespace suppressd
