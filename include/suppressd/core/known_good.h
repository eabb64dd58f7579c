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

/// Whether an address that took mail at `delivered` is known-good at another time.
bool is_known_good(Time delivered, Time at);

/// The hard failures of an address since its newest delivery, before a send.
struct HardFailures {
  std::optional<Time> first;
  std::optional<Time> newest;
  std::int64_t days = 0;  ///< So many of them came a day or more after the one before, or were the first.

  /// In the order of time.
  void add(Time at);
  bool operator==(const HardFailures&) const = default;
};

struct KnownGoodCounts {
  std::int64_t sends = 0;  ///< That ended.
  std::int64_t days = 0;   ///< Since each address's newest delivery before, added up; at least one each.
  /// Addresses that failed hard, or would have (SoftBounce): on their first two days since a delivery, once
  /// a day.
  std::int64_t failed = 0;
  std::int64_t again = 0;  ///< Further ones.

  KnownGoodCounts& operator+=(const KnownGoodCounts& more);
  KnownGoodCounts& operator-=(const KnownGoodCounts& less);
  bool operator==(const KnownGoodCounts&) const = default;
};

/// How a send that ended counts. `delivered`: the address's newest delivery before it; `failed`: hard;
/// `before`: its hard failures since then. nullopt: the address is not known-good, because there was no
/// delivery within kKnownGoodFor, or because it failed on two days, the first of them five days ago or more:
/// who mails the dead on learns nothing new from them.
std::optional<KnownGoodCounts> known_good_counts(std::optional<Time> delivered, Time at, bool failed = false,
                                                 const HardFailures& before = {});

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
  void add(std::string_view provider, std::string_view domain, Time at, const KnownGoodCounts& counts);
  /// A delivery. `newest`: that of the address before it was read. It counts only if it is a newer one, so
  /// that a log that is read again adds nothing.
  void add_delivery(std::string_view provider, std::string_view domain, Time at, std::optional<Time> newest);
  /// Hands out all, and is empty then.
  std::map<ProviderDomain, KnownGoodBuckets> take();

 private:
  const std::string& key_of(std::string_view provider, std::string_view domain);

  std::unordered_map<std::string, KnownGoodBuckets, TextHash, std::equal_to<>> by_domain_;
  std::string key_;  ///< Used again: provider, a zero byte, domain.
};

}  // namespace suppressd
