// Known-good addresses: those that took mail in the last 180 days. They are the control group that tells a
// bad list from a bad hour: they do not all die within an hour.
//
// Counted are sends that ended, by provider, recipient domain and five minutes of event time. The counts
// add up, so that no order of reading changes them. Plain data; nothing fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "suppressd/base/text.h"
#include "suppressd/base/time.h"

namespace suppressd {

/// An address is known-good for so long after a delivery.
inline constexpr Duration kKnownGoodFor = std::chrono::hours(24 * 180);
inline constexpr Duration kKnownGoodBucket = std::chrono::minutes(5);

/// Beginning of the five minutes.
Time known_good_bucket(Time at);

/// Days since the newest delivery before a send, rounded, at least one. nullopt: the address is not
/// known-good.
std::optional<std::int64_t> days_known_good(std::optional<Time> delivered, Time at);

struct KnownGoodCounts {
  std::int64_t sends = 0;   ///< That ended.
  std::int64_t days = 0;    ///< Since each address's newest delivery before, added up.
  std::int64_t failed = 0;  ///< Addresses that failed hard and had not in the 24 hours before.
  std::int64_t again = 0;   ///< Further hard failures.

  KnownGoodCounts& operator+=(const KnownGoodCounts& more);
  KnownGoodCounts& operator-=(const KnownGoodCounts& less);
  bool operator==(const KnownGoodCounts&) const = default;
};

/// By the beginning of the five minutes.
using KnownGoodBuckets = std::map<Time, KnownGoodCounts>;

/// A provider's recipient domain; the empty one stands for all of the provider's.
struct ProviderDomain {
  std::string provider;
  std::string domain;

  auto operator<=>(const ProviderDomain&) const = default;
};

/// What was counted and is not stored yet.
class KnownGoodTally {
 public:
  /// A send that ended. `failed`: hard; `before`: the address's newest hard failure before it.
  void add(std::string_view provider, std::string_view domain, Time at, std::int64_t days,
           bool failed = false, std::optional<Time> before = {});
  /// A delivery. `newest`: that of the address before it was read. It counts only if it is a newer one, so
  /// that a log that is read again adds nothing.
  void add_delivery(std::string_view provider, std::string_view domain, Time at, std::optional<Time> newest);
  /// Hands out all, and is empty then.
  std::map<ProviderDomain, KnownGoodBuckets> take();
  void clear() { by_domain_.clear(); }

 private:
  const std::string& key_of(std::string_view provider, std::string_view domain);

  std::unordered_map<std::string, KnownGoodBuckets, TextHash, std::equal_to<>> by_domain_;
  std::string key_;  ///< Used again: provider, a zero byte, domain.
};

}  // namespace suppressd
