#include "suppressd/core/rate.h"

#include <cstring>
#include <utility>

#include "suppressd/base/enum_names.h"
#include "suppressd/core/provider.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, kKeyDimensions.size() + kTagDimensions.size()> kDimensionNames = {
    "sender-domain", "provider", "sender-domain+provider", "campaign", "source", "account"};

void set_hour(std::string& key, Time at) {
  const auto hour = to_unix(rate_hour(at));
  key.resize(sizeof hour);
  std::memcpy(key.data(), &hour, sizeof hour);
}

Time hour_of(const std::string& key) {
  std::int64_t hour = 0;
  std::memcpy(&hour, key.data(), sizeof hour);
  return from_unix(hour);
}
constexpr auto kHourBytes = sizeof(std::int64_t);

}  // namespace

std::string_view name_of(RateDimension dimension) {
  return kDimensionNames[static_cast<std::size_t>(dimension)];
}

std::optional<RateDimension> rate_dimension_from(std::string_view name) {
  return enum_from<RateDimension>(kDimensionNames, name);
}

std::string sender_domain_of(std::string_view sender) {
  const auto at = sender.rfind('@');
  return at == std::string_view::npos ? std::string{} : registrable_domain(sender.substr(at + 1));
}

std::optional<std::string> name_in(RateDimension dimension, const RateKeys& keys) {
  if (dimension == RateDimension::sender_domain) return keys.sender_domain;
  if (keys.provider.empty()) return std::nullopt;
  return dimension == RateDimension::provider ? keys.provider : keys.sender_domain + "/" + keys.provider;
}

const std::string& tag_in(RateDimension dimension, const Tags& tags) {
  if (dimension == RateDimension::campaign) return tags.campaign;
  return dimension == RateDimension::source ? tags.source : tags.account;
}

RateCounts& RateCounts::operator+=(const RateCounts& more) {
  sent += more.sent;
  delivered += more.delivered;
  dead += more.dead;
  again += more.again;
  soft += more.soft;
  blocked += more.blocked;
  other += more.other;
  excused += more.excused;
  complaints += more.complaints;
  refused += more.refused;
  return *this;
}

RateCounts RateCounts::operator-() const {
  return {.sent = -sent,
          .delivered = -delivered,
          .dead = -dead,
          .again = -again,
          .soft = -soft,
          .blocked = -blocked,
          .other = -other,
          .excused = -excused,
          .complaints = -complaints,
          .refused = -refused};
}

Time rate_hour(Time at) {
  return std::chrono::floor<std::chrono::hours>(at);
}

Time rate_day(Time at) {
  return std::chrono::floor<std::chrono::days>(at);
}

void RateTally::add(std::string_view sender_domain, std::string_view provider, const Tags& tags, Time entered,
                    const RateCounts& counts) {
  set_hour(key_, entered);
  key_.append(sender_domain);
  key_.push_back('\0');
  key_.append(provider);
  counts_[key_] += counts;
  for (const auto dimension : kTagDimensions) {
    const auto& tag = tag_in(dimension, tags);
    if (tag.empty()) continue;
    key_.resize(kHourBytes);
    key_.push_back(static_cast<char>(dimension));
    key_.append(tag);
    of_tags_[key_] += counts;
  }
}

RateBuckets RateTally::take() {
  RateBuckets buckets;
  for (const auto& [key, counts] : counts_) {
    const auto end = key.find('\0', kHourBytes);
    const RateKeys keys{.sender_domain = key.substr(kHourBytes, end - kHourBytes),
                        .provider = key.substr(end + 1)};
    for (const auto dimension : kKeyDimensions)
      if (auto name = name_in(dimension, keys))
        buckets[{dimension, std::move(*name)}][hour_of(key)] += counts;
  }
  for (const auto& [key, counts] : of_tags_)
    buckets[{static_cast<RateDimension>(key[kHourBytes]), key.substr(kHourBytes + 1)}][hour_of(key)] +=
        counts;
  clear();
  return buckets;
}

void RateTally::clear() {
  counts_.clear();
  of_tags_.clear();
}

}  // namespace suppressd
