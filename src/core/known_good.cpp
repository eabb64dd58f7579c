#include "suppressd/core/known_good.h"

#include <algorithm>
#include <utility>

namespace suppressd {
namespace {

constexpr Duration kOnceIn = std::chrono::hours(24);  // an address counts as one that failed
constexpr std::int64_t kDay = 24 * 60 * 60;

}  // namespace

Time known_good_bucket(Time at) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<300>>>(at);
}

std::optional<std::int64_t> days_known_good(std::optional<Time> delivered, Time at) {
  if (!delivered || *delivered >= at || at - *delivered > kKnownGoodFor) return std::nullopt;
  return std::max<std::int64_t>(1, ((at - *delivered).count() + kDay / 2) / kDay);
}

KnownGoodCounts& KnownGoodCounts::operator+=(const KnownGoodCounts& more) {
  sends += more.sends;
  days += more.days;
  failed += more.failed;
  again += more.again;
  return *this;
}

KnownGoodCounts& KnownGoodCounts::operator-=(const KnownGoodCounts& less) {
  sends -= less.sends;
  days -= less.days;
  failed -= less.failed;
  again -= less.again;
  return *this;
}

const std::string& KnownGoodTally::key_of(std::string_view provider, std::string_view domain) {
  key_.assign(provider);
  key_.push_back('\0');
  key_.append(domain);
  return key_;
}

void KnownGoodTally::add(std::string_view provider, std::string_view domain, Time at, std::int64_t days,
                         bool failed, std::optional<Time> before) {
  auto& counts = by_domain_[key_of(provider, domain)][known_good_bucket(at)];
  ++counts.sends;
  counts.days += days;
  if (!failed) return;
  ++(before && at - *before < kOnceIn ? counts.again : counts.failed);
}

void KnownGoodTally::add_delivery(std::string_view provider, std::string_view domain, Time at,
                                  std::optional<Time> newest) {
  if (const auto days = days_known_good(newest, at)) add(provider, domain, at, *days);
}

std::map<ProviderDomain, KnownGoodBuckets> KnownGoodTally::take() {
  std::map<ProviderDomain, KnownGoodBuckets> all;
  for (auto& [key, buckets] : std::exchange(by_domain_, {})) {
    const auto end = key.find('\0');
    all.insert_or_assign({key.substr(0, end), key.substr(end + 1)}, std::move(buckets));
  }
  return all;
}

}  // namespace suppressd
