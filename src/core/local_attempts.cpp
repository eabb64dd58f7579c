#include "suppressd/core/local_attempts.h"

#include <algorithm>
#include <iterator>

namespace suppressd {
namespace {

constexpr std::uint8_t kFailed = 1;
constexpr std::uint8_t kAnswered = 2;
constexpr std::int64_t kFewest = 10;
constexpr std::int64_t kThird = 3;

}  // namespace

bool LocalAttempts::add(std::string_view domain, Time at, bool failed) {
  const auto start = own_bucket(at);
  const bool newest = !buckets_.empty() && std::prev(buckets_.end())->first == start;
  auto& bucket = newest ? std::prev(buckets_.end())->second : buckets_[start];
  if (!bucket.domains.add(stable_hash(domain), failed ? kFailed : kAnswered)) return false;
  bucket.changed = true;
  return true;
}

OwnWindow LocalAttempts::window(Time bucket, Time begin) const {
  SampleUnion together;
  OwnWindow window;
  const auto from = std::max(bucket + kOwnBucket - kLocalWindow, begin);
  for (auto part = buckets_.lower_bound(from); part != buckets_.end() && part->first <= bucket; ++part) {
    const auto& domains = part->second.domains;
    together.add(domains);
    const bool failed = std::ranges::any_of(
        domains.elements(), [](const auto& domain) { return (domain.second & kFailed) != 0; });
    if (failed && window.since == Time{}) window.since = part->first;
  }
  const auto counts = together.counts(kFailed);
  window.sends = counts.all;
  window.failed = counts.only;
  window.goes_on = counts.only > 0 && counts.only * kThird >= counts.all;
  window.enough = window.goes_on && counts.only >= kFewest;
  return window;
}

bool LocalAttempts::may_open(Time from) const {
  std::int64_t failed = 0;
  for (auto bucket = buckets_.lower_bound(from - kLocalWindow); bucket != buckets_.end(); ++bucket)
    for (const auto& [domain, said] : bucket->second.domains.elements()) failed += said == kFailed ? 1 : 0;
  return failed >= kFewest;
}

OwnState LocalAttempts::find(Time from, OwnState known) const {
  for (auto place = buckets_.lower_bound(from); place != buckets_.end(); ++place) {
    const auto bucket = place->first;
    known.close_if_silent(bucket);
    if (bucket + kOwnBucket <= known.begin) continue;
    if (known.open)
      known.read_open(window(bucket, known.open->since), bucket);
    else if (const auto found = window(bucket, known.begin); found.enough)
      known.open_at(found, bucket);
  }
  return known;
}

}  // namespace suppressd
