// Rates: how many of the sends of a sender domain, of a campaign, or at a provider, failed, by the hour in
// which the message entered.
//
// The counts add up, so that no order of reading changes them. A dimension is what sends are grouped by; to
// add one, add a value, its name, and its case in name_in() or tag_in(). Plain data and pure functions;
// nothing fails.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "suppressd/base/text.h"
#include "suppressd/base/time.h"
#include "suppressd/core/tags.h"

namespace suppressd {

enum class RateDimension : std::uint8_t {
  sender_domain,
  provider,
  sender_domain_provider,
  campaign,  ///< These: the tags. Mail without one counts in none of its names.
  source,
  account
};
/// Those of RateKeys.
inline constexpr std::array kKeyDimensions{RateDimension::sender_domain, RateDimension::provider,
                                           RateDimension::sender_domain_provider};
inline constexpr std::array kTagDimensions{RateDimension::campaign, RateDimension::source,
                                           RateDimension::account};
constexpr bool is_tag(RateDimension dimension) {
  return dimension >= RateDimension::campaign;
}
std::string_view name_of(RateDimension dimension);  ///< `sender-domain+provider`
std::optional<RateDimension> rate_dimension_from(std::string_view name);

/// What a send belongs to.
struct RateKeys {
  std::string sender_domain;  ///< Organisational domain of the envelope sender; empty: the log names none.
  std::string provider;

  bool operator==(const RateKeys&) const = default;
};

/// The organisational domain of an envelope sender: news@mail.shop.example belongs to shop.example.
std::string sender_domain_of(std::string_view sender);
/// Its name in a dimension: `shop.example`, `google.com`, `shop.example/google.com`. nullopt: it has none.
std::optional<std::string> name_in(RateDimension dimension, const RateKeys& keys);
/// The tag that is a message's name in a dimension; empty: it has none.
const std::string& tag_in(RateDimension dimension, const Tags& tags);

/// Sends and what became of them. A bounce that came back by mail counts as what it is, but not as a send:
/// that was counted when it was handed over.
struct RateCounts {
  std::int64_t sent = 0;       ///< Sends that ended, as the log tells.
  std::int64_t delivered = 0;  ///< Taken by the provider's server.
  std::int64_t dead = 0;       ///< Addresses that failed hard, each once per day and sender domain.
  std::int64_t again = 0;      ///< Their further hard failures on that day.
  std::int64_t soft = 0;       ///< These three: failures.
  std::int64_t blocked = 0;    ///< Because of who we are or what we sent.
  std::int64_t other = 0;
  std::int64_t excused = 0;  ///< Failures that an incident, or an undo, takes out of the rates.
  std::int64_t complaints = 0;
  std::int64_t refused = 0;  ///< Recipients that the milter refused: never sent.

  RateCounts& operator+=(const RateCounts& more);
  RateCounts operator-() const;
  /// The sends that a rate is a share of: without what is excused, and without repeats.
  std::int64_t base() const { return sent - excused - again; }
  std::int64_t failed() const { return dead + soft + blocked + other; }
  bool operator==(const RateCounts&) const = default;
};

/// A send that was delivered; one that a smart host took, of which the log tells no more.
inline constexpr RateCounts kDelivered{.sent = 1, .delivered = 1};
inline constexpr RateCounts kRelayed{.sent = 1};

/// One group of a dimension.
struct RateName {
  RateDimension dimension = RateDimension::sender_domain;
  std::string name;

  auto operator<=>(const RateName&) const = default;
};

/// By the beginning of the hour.
using RateHours = std::map<Time, RateCounts>;
using RateBuckets = std::map<RateName, RateHours>;

Time rate_hour(Time at);
Time rate_day(Time at);

/// Hours are kept this long, and then added up to days (UTC).
inline constexpr Duration kRateHoursKept = std::chrono::hours(24 * 8);

/// What was counted and is not stored yet.
class RateTally {
 public:
  /// `entered`: when the message did.
  void add(std::string_view sender_domain, std::string_view provider, const Tags& tags, Time entered,
           const RateCounts& counts);
  void add(const RateKeys& keys, const Tags& tags, Time entered, const RateCounts& counts) {
    add(keys.sender_domain, keys.provider, tags, entered, counts);
  }
  /// There is so much that it should be stored now.
  bool full() const { return counts_.size() + of_tags_.size() >= kMost; }
  /// Hands out all, by dimension, and is empty then.
  RateBuckets take();
  void clear();

 private:
  static constexpr std::size_t kMost = 50000;  // some 200 bytes each
  using Counts = std::unordered_map<std::string, RateCounts, TextHash, std::equal_to<>>;

  // Apart from each other: there are not as many pairs of tags and providers as there may be.
  Counts counts_;    ///< By the hour's eight bytes, sender domain, a zero byte, provider.
  Counts of_tags_;   ///< By the hour's eight bytes, a byte for the dimension, the tag.
  std::string key_;  ///< Used again.
};

}  // namespace suppressd
