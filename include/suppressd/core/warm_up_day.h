// The sends of today to providers where their sender domain is new.
//
// The sessions of the milter share it. It begins a day with what the log tells of it, and counts from there
// what is let through, so that it errs towards letting mail pass after a restart. Safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "suppressd/core/warm_up.h"

namespace suppressd {

/// A sender domain and a provider.
using WarmUpPair = std::pair<std::string, std::string>;

class WarmUpDay {
 public:
  struct Answer {
    WarmUpPair pair;
    std::int64_t limit = 0;
    bool allowed = true;  ///< It counts, until give_back().
    std::string error;    ///< The look-up's; then it is allowed, and does not count.
  };

  /// One more send. nullopt: there is no limit.
  std::optional<Answer> take(const WarmUpSettings& settings, WarmUpLookup& lookup,
                             std::string_view sender_domain, std::string_view recipient_domain, Time now);
  /// It was not sent.
  void give_back(const WarmUpPair& pair) noexcept;

 private:
  struct Sends {
    WarmUpHistory history;
    std::int64_t sent = 0;
  };

  std::optional<std::string> provider_of(WarmUpLookup& lookup, std::string_view recipient_domain, Time now);

  std::mutex mutex_;
  Time day_;
  std::map<WarmUpPair, Sends> sends_;
  ProvidersOfDomains providers_;
  Time providers_read_;
};

}  // namespace suppressd
