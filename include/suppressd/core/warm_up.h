// Warm-up: how much mail a sender domain that is new at a provider may send there in a day.
//
// Providers distrust a domain that sends much at once and never did before. The limit grows with each day on
// which the domain sent there, and is never below what its best day allows, so that a domain with a history
// is not held up. Plain data and pure functions; nothing fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/base/text.h"
#include "suppressd/base/time.h"

namespace suppressd {

struct WarmUpSettings {
  std::int64_t start = 0;  ///< Sends of the first day; 0: it is off.
  double growth = 1.25;    ///< Per day.

  bool on() const { return start > 0; }
  bool operator==(const WarmUpSettings&) const = default;
};

/// Days before today count for so long.
inline constexpr Duration kWarmUpMemory = std::chrono::hours(24 * 60);
/// After so many days with sends there is no limit.
inline constexpr std::int64_t kWarmUpDays = 30;

/// What a sender domain has sent to a provider, by days (UTC) on which messages entered.
struct WarmUpHistory {
  std::int64_t days = 0;   ///< Before today, with sends.
  std::int64_t most = 0;   ///< On one of them.
  std::int64_t today = 0;  ///< As far as the log tells.

  bool operator==(const WarmUpHistory&) const = default;
};

/// Sends that are allowed today; nullopt: any number.
std::optional<std::int64_t> warm_up_limit(const WarmUpSettings& settings, const WarmUpHistory& history);

/// Recipient domains and who runs them.
using ProvidersOfDomains = std::map<std::string, std::string, std::less<>>;

/// What the store knows of it. Safe from any thread, never throws.
class WarmUpLookup {
 public:
  virtual ~WarmUpLookup() = default;
  /// `provider` empty: at any.
  virtual Result<WarmUpHistory> sends_before(std::string_view sender_domain, std::string_view provider,
                                             Time now) = 0;
  /// As far as known-good addresses in them were mailed lately.
  virtual Result<ProvidersOfDomains> providers_of_domains() = 0;
  /// Whether nothing is refused or deferred now: `suppressctl enforcement off`.
  virtual Result<bool> enforcement_is_off(Time now) = 0;
};

}  // namespace suppressd
