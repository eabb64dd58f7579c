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

Brake::Provider& Brake::known(std::string_view domain) {
  auto found = providers_.find(domain);
  if (found == providers_.end()) {
    found = providers_.emplace(std::string{domain}, Provider{}).first;
    found->second.domain = found->first;
  }
  return found->second;
}

Brake::Counts& Brake::bucket(Provider& known, Time at) {
  if (!known.listed) {
    known.listed = true;
    changed_.push_back(&known);
  }
  const auto [place, fresh] = known.buckets.try_emplace(bucket_start(at));
  if (fresh) forget(known, place->first - kWindow);
  place->second.dirty = true;
  return place->second;
}

void Brake::forget(Provider& known, std::int64_t oldest_kept) {
  const auto kept = known.buckets.lower_bound(oldest_kept);
  for (auto old = known.buckets.begin(); old != kept; ++old) {
    if (old->second.stored)
      removed_.push_back(
          {std::string{known.domain}, from_unix(old->first), old->second.attempts, old->second.hard});
  }
  known.buckets.erase(known.buckets.begin(), kept);
}

void Brake::count_attempt(std::string_view provider, Time at) {
  ++bucket(known(provider), at).attempts;
}

bool Brake::count_hard(std::string_view provider, Time at) {
  auto& at_provider = known(provider);
  ++bucket(at_provider, at).hard;
  if (burst_ <= 0) return false;
  const auto newest = bucket_start(at);
  const auto& buckets = at_provider.buckets;
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
  for (auto it = providers_.begin(); it != providers_.end();) {
    forget(it->second, oldest);
    it = it->second.buckets.empty() && !it->second.listed ? providers_.erase(it) : std::next(it);
  }
}

Brake::Changes Brake::take_changes() {
  Changes changes;
  for (Provider* known : changed_) {
    known->listed = false;
    for (auto& [start, counts] : known->buckets) {
      if (!counts.dirty) continue;
      counts.dirty = false;
      counts.stored = true;
      changes.written.push_back({std::string{known->domain}, from_unix(start), counts.attempts, counts.hard});
    }
  }
  changed_.clear();
  changes.removed = std::move(removed_);
  removed_.clear();
  return changes;
}

void Brake::load(const std::vector<TrafficBucket>& buckets) {
  providers_.clear();
  changed_.clear();
  removed_.clear();
  for (const auto& stored : buckets) {
    known(stored.provider).buckets[to_unix(stored.start)] = {
        .attempts = stored.attempts, .hard = stored.hard, .dirty = false, .stored = true};
  }
}

}  // namespace suppressd
