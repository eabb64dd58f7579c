#include "suppressd/core/brake.h"

namespace suppressd {
namespace {

constexpr std::int64_t kBucket = kTrafficBucket.count();
constexpr std::int64_t kWindow = kTrafficWindow.count();
constexpr std::int64_t kShare = 5;  // hard entries are a burst when they are a fifth of the attempts or more

std::int64_t bucket_start(Time at) {
  const auto seconds = to_unix(at);
  return seconds - ((seconds % kBucket) + kBucket) % kBucket;
}

}  // namespace

Brake::Brake(std::int64_t burst) : burst_(burst) {}

Brake::Counts& Brake::bucket(std::string_view operator_domain, Time at) {
  auto found = operators_.find(operator_domain);
  if (found == operators_.end()) found = operators_.emplace(std::string{operator_domain}, Buckets{}).first;
  auto& counts = found->second[bucket_start(at)];
  counts.dirty = true;
  return counts;
}

void Brake::count_attempt(std::string_view operator_domain, Time at) {
  ++bucket(operator_domain, at).attempts;
}

bool Brake::count_hard(std::string_view operator_domain, Time at) {
  ++bucket(operator_domain, at).hard;
  if (burst_ <= 0) return false;
  const auto newest = bucket_start(at);
  const auto& buckets = operators_.find(operator_domain)->second;
  std::int64_t attempts = 0;
  std::int64_t hard = 0;
  for (auto it = buckets.lower_bound(newest - kWindow); it != buckets.end() && it->first <= newest; ++it) {
    attempts += it->second.attempts;
    hard += it->second.hard;
  }
  return hard > burst_ && hard * kShare >= attempts;
}

void Brake::sweep(Time now) {
  const auto oldest = bucket_start(now) - kWindow;
  for (auto it = operators_.begin(); it != operators_.end();) {
    auto& buckets = it->second;
    const auto keep = buckets.lower_bound(oldest);
    for (auto old = buckets.begin(); old != keep; ++old) {
      removed_.push_back({it->first, from_unix(old->first), old->second.attempts, old->second.hard});
    }
    buckets.erase(buckets.begin(), keep);
    it = buckets.empty() ? operators_.erase(it) : std::next(it);
  }
}

Brake::Changes Brake::take_changes() {
  Changes changes;
  for (auto& [operator_domain, buckets] : operators_) {
    for (auto& [start, counts] : buckets) {
      if (!counts.dirty) continue;
      counts.dirty = false;
      changes.written.push_back({operator_domain, from_unix(start), counts.attempts, counts.hard});
    }
  }
  changes.removed = std::move(removed_);
  removed_.clear();
  return changes;
}

void Brake::load(const std::vector<TrafficBucket>& buckets) {
  operators_.clear();
  removed_.clear();
  for (const auto& stored : buckets) {
    operators_[stored.operator_domain][to_unix(stored.start)] = {stored.attempts, stored.hard, false};
  }
}

}  // namespace suppressd
