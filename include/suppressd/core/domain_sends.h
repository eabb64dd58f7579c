// What recipient domains took lately, and what failed there: it tells whether a soft failure is the fault of
// the receiving host or of the address.
//
// Sends that ended are counted by the hour of event time. The counts add up, so that it does not matter where
// a log was cut. Plain data; nothing fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/base/time.h"
#include "suppressd/core/category.h"

namespace suppressd {

/// Whose fault a soft failure is.
enum class Fault : std::uint8_t {
  address,
  host,    ///< Nobody answered: it counts against the domain.
  either,  ///< Against the domain, unless that took the sends to its other addresses meanwhile.
};
Fault fault_of(Category category);

/// Sends that ended, as the log tells.
struct DomainSends {
  std::int64_t taken = 0;
  std::int64_t failed = 0;

  DomainSends& operator+=(const DomainSends& more);
  bool operator==(const DomainSends&) const = default;
};

/// Whether nine of ten were taken. Of none, none was.
bool takes_mail(const DomainSends& sends);

/// Beginning of the hour.
Time hour_of(Time at);
/// As long as a message stays in a queue, and longer.
inline constexpr Duration kDomainHoursKept = std::chrono::hours(24 * 7);

/// What is known of a recipient domain: row in `domain`.
struct DomainHistory {
  std::optional<Time> delivered;      ///< Newest delivery to any of its addresses.
  std::optional<Time> ended;          ///< Newest end of a send.
  std::map<Time, DomainSends> hours;  ///< By their beginning.

  void add(Time at, const DomainSends& sends);
  /// Adds up both, and keeps the hours of kDomainHoursKept before the newest one.
  void add(const DomainHistory& more);
  /// Of the hours of both times, and of those between them.
  DomainSends between(Time from, Time to) const;
  bool operator==(const DomainHistory&) const = default;
};

/// What was counted and is not stored yet, by domain.
class DomainTally {
 public:
  using Histories = std::unordered_map<std::string, DomainHistory, TextHash, std::equal_to<>>;

  void add_delivery(std::string_view domain, Time at);
  /// The delivery was known before: that it is read again adds nothing.
  void forget_delivery(std::string_view domain, Time at);
  /// To an exempt address: the domain is alive, and nothing else is learned.
  void see_delivery(std::string_view domain, Time at);
  void add_failure(std::string_view domain, Time at);

  /// nullptr: nothing was counted.
  const DomainHistory* find(std::string_view domain) const;
  /// Hands out all, and is empty then.
  Histories take() { return std::exchange(domains_, {}); }
  void clear() { domains_.clear(); }

 private:
  DomainHistory& of(std::string_view domain);

  Histories domains_;
};

}  // namespace suppressd
