#include "suppressd/core/known_good.h"

#include <algorithm>
#include <utility>

namespace suppressd {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr std::int64_t kDaysThatCount = 2;
constexpr Duration kGoodForAfterFailing = 5 * kDay;

}  // namespace

Time known_good_bucket(Time at) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<300>>>(at);
}

bool is_known_good(Time delivered, Time at) {
  return delivered < at && at - delivered <= kKnownGoodFor;
}

void HardFailures::add(Time at) {
  if (!newest || at - *newest >= kDay) ++days;
  if (!first) first = at;
  newest = at;
}

std::optional<KnownGoodCounts> known_good_counts(std::optional<Time> delivered, Time at, bool failed,
                                                 const HardFailures& before) {
  if (!delivered || !is_known_good(*delivered, at)) return std::nullopt;
  if (before.days >= kDaysThatCount && at - *before.first >= kGoodForAfterFailing) return std::nullopt;
  KnownGoodCounts counts{.sends = 1, .days = 1, .failed = 0, .again = 0};
  counts.days = std::max<std::int64_t>(1, (at - *delivered + kDay / 2) / kDay);
  if (!failed) return counts;
  const bool counted_today = before.newest && at - *before.newest < kDay;
  ++(counted_today || before.days >= kDaysThatCount ? counts.again : counts.failed);
  return counts;
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

void KnownGoodTally::add(std::string_view provider, std::string_view domain, Time at,
                         const KnownGoodCounts& counts) {
  by_domain_[key_of(provider, domain)][known_good_bucket(at)] += counts;
}

void KnownGoodTally::add_delivery(std::string_view provider, std::string_view domain, Time at,
                                  std::optional<Time> newest) {
  if (const auto counts = known_good_counts(newest, at)) add(provider, domain, at, *counts);
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
