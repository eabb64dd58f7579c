#include "suppressd/core/brake.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace suppressd {
namespace {

constexpr std::int64_t kBucket = kTrafficBucket.count();
constexpr std::int64_t kLastBucket = kTrafficWindow.count() - kBucket;  // from an hour's first to its last
constexpr std::int64_t kShare = 5;  // hard failures are a burst if they are at least a fifth of the sends

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
  // An event may come an hour late, and counts in hours that begin up to an hour before it.
  if (fresh) forget(known, place->first - 2 * kTrafficWindow.count());
  place->second.dirty = true;
  return place->second;
}

void Brake::forget(Provider& known, std::int64_t oldest_kept) {
  const auto end = known.buckets.lower_bound(oldest_kept);
  for (auto old = known.buckets.begin(); old != end;) {
    const auto& counts = old->second;
    if (counts.pending) {
      ++old;
      continue;
    }
    if (counts.stored)
      removed_.push_back(
          {std::string{known.domain}, from_unix(old->first), counts.sends, counts.hard, counts.pending});
    old = known.buckets.erase(old);
  }
}

void Brake::count_send(std::string_view provider, Time at) {
  ++bucket(known(provider), at).sends;
}

// Whether the hour that ends with the bucket `newest` passes the limit.
bool Brake::passes(const Provider& known, std::int64_t newest) const {
  std::int64_t sends = 0;
  std::int64_t hard = 0;
  const auto end = known.buckets.upper_bound(newest);
  for (auto it = known.buckets.lower_bound(newest - kLastBucket); it != end; ++it) {
    sends += it->second.sends;
    hard += it->second.hard;
  }
  return hard > burst_ && hard * kShare >= sends;
}

std::vector<PendingRange> Brake::count_hard(std::string_view provider, Time at,
                                            const ControlGroup& control_group) {
  auto& at_provider = known(provider);
  ++bucket(at_provider, at).hard;
  std::vector<PendingRange> fresh;
  if (burst_ <= 0) return fresh;
  const auto own = bucket_start(at);
  // A failure that is learned of late also counts in hours that end after it.
  std::vector<std::int64_t> ends;
  for (auto it = at_provider.buckets.lower_bound(own);
       it != at_provider.buckets.end() && it->first <= own + kLastBucket; ++it)
    if (it->second.hard > 0 && passes(at_provider, it->first) &&
        !(control_group && control_group(from_unix(it->first - kLastBucket), from_unix(it->first + kBucket))))
      ends.push_back(it->first);
  for (const auto newest : ends) {
    for (auto start = newest - kLastBucket; start <= newest; start += kBucket) {
      const auto known_bucket = at_provider.buckets.find(start);
      if (known_bucket != at_provider.buckets.end() && known_bucket->second.pending) continue;
      const PendingRange bucket{.provider = std::string{provider},
                                .domain = {},
                                .begin = from_unix(start),
                                .end = from_unix(start + kBucket)};
      if (fresh.empty() || fresh.back().begin < bucket.begin) fresh.push_back(bucket);
    }
  }
  return fresh;
}

void Brake::hold(const std::vector<PendingRange>& buckets) {
  for (const auto& range : buckets) {
    auto& counts = known(range.provider).buckets[to_unix(range.begin)];
    counts.pending = true;
    counts.dirty = true;
  }
  list_pending();
}

void Brake::list_pending() {
  pending_.clear();
  for (const auto& [domain, known] : providers_) {
    for (const auto& [start, counts] : known.buckets) {
      if (!counts.pending) continue;
      if (!pending_.empty() && pending_.back().provider == domain && pending_.back().end == from_unix(start))
        pending_.back().end = from_unix(start + kBucket);
      else
        pending_.push_back(
            {.provider = domain, .domain = {}, .begin = from_unix(start), .end = from_unix(start + kBucket)});
    }
  }
  std::sort(pending_.begin(), pending_.end(), [](const PendingRange& a, const PendingRange& b) {
    return std::tie(a.provider, a.begin) < std::tie(b.provider, b.begin);
  });
}

void Brake::sweep(Time now) {
  const auto oldest = bucket_start(now) - 2 * kTrafficWindow.count();
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
      changes.written.push_back(
          {std::string{known->domain}, from_unix(start), counts.sends, counts.hard, counts.pending});
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
    known(stored.provider).buckets[to_unix(stored.start)] = {.sends = stored.sends,
                                                             .hard = stored.hard,
                                                             .pending = stored.pending,
                                                             .dirty = false,
                                                             .stored = true};
  }
  list_pending();
}

}  // namespace suppressd
