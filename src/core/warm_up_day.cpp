#include "suppressd/core/warm_up_day.h"

#include "suppressd/core/provider.h"
#include "suppressd/core/rate.h"

namespace suppressd {
namespace {

constexpr std::size_t kMostPairs = 100'000;
constexpr Duration kReadProvidersEvery = std::chrono::minutes(10);

}  // namespace

std::optional<WarmUpDay::Answer> WarmUpDay::take(const WarmUpSettings& settings, WarmUpLookup& lookup,
                                                 std::string_view sender_domain,
                                                 std::string_view recipient_domain, Time now) {
  const std::lock_guard lock(mutex_);
  if (const auto today = rate_day(now); today != day_) {
    day_ = today;
    sends_.clear();
  }
  const auto provider = provider_of(lookup, recipient_domain, now);
  // Which provider it is, is forgotten soon after the last mail there: then the domain counts by itself, and
  // what the sender sent elsewhere is its history, so that no old sender is taken for a new one.
  WarmUpPair pair{sender_domain, provider.value_or(registrable_domain(recipient_domain))};
  auto found = sends_.find(pair);
  if (found == sends_.end()) {
    if (sends_.size() >= kMostPairs) return std::nullopt;
    const auto history = lookup.sends_before(pair.first, provider.value_or(""), now);
    if (!history) return Answer{.pair = std::move(pair), .error = history.error().message};
    found = sends_.emplace(pair, Sends{.history = *history, .sent = provider ? history->today : 0}).first;
  }
  auto& [history, sent] = found->second;
  const auto limit = warm_up_limit(settings, history);
  if (!limit) return std::nullopt;
  const bool allowed = sent < *limit;
  if (allowed) ++sent;
  return Answer{.pair = std::move(pair), .limit = *limit, .allowed = allowed, .error = {}};
}

void WarmUpDay::give_back(const WarmUpPair& pair) noexcept {
  const std::lock_guard lock(mutex_);
  if (const auto found = sends_.find(pair); found != sends_.end() && found->second.sent > 0)
    --found->second.sent;
}

std::optional<std::string> WarmUpDay::provider_of(WarmUpLookup& lookup, std::string_view recipient_domain,
                                                  Time now) {
  if (now >= providers_read_ + kReadProvidersEvery) {
    providers_read_ = now;
    if (auto read = lookup.providers_of_domains()) providers_ = std::move(*read);
  }
  const auto known = providers_.find(recipient_domain);
  if (known == providers_.end()) return std::nullopt;
  return known->second;
}

}  // namespace suppressd
