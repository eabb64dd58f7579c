#include "suppressd/core/test_tickets.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace suppressd {

std::int64_t TestTickets::take(const BreakerPlace& place) {
  const std::lock_guard lock(mutex_);
  sent_.reserve(sent_.size() + static_cast<std::size_t>(taken_) + 1);
  const auto out = ++out_[place];
  ++taken_;
  return out;
}

void TestTickets::release(const BreakerPlace& place) noexcept {
  const std::lock_guard lock(mutex_);
  --taken_;
  const auto found = out_.find(place);
  if (found != out_.end() && --found->second <= 0) out_.erase(found);
}

void TestTickets::sent(TestMessage message) noexcept {
  {
    const std::lock_guard lock(mutex_);
    --taken_;
    sent_.push_back(std::move(message));
    ++waiting_;
  }
  if (wake_) wake_();
}

std::vector<TestMessage> TestTickets::waiting() {
  if (waiting_ == 0) return {};
  const std::lock_guard lock(mutex_);
  return sent_;
}

void TestTickets::stored(std::size_t count) {
  const std::lock_guard lock(mutex_);
  count = std::min(count, sent_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto found = out_.find(sent_[i].place);
    if (found != out_.end() && --found->second <= 0) out_.erase(found);
  }
  sent_.erase(sent_.begin(), sent_.begin() + static_cast<std::ptrdiff_t>(count));
  waiting_ = sent_.size();
}

}  // namespace suppressd
