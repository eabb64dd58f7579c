// What would have been refused, in monitor mode or while enforcement was off. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "suppressd/base/time.h"

namespace suppressd {

/// An address that took mail after it would have been refused for the first time.
struct DeliveredLater {
  std::string address;
  std::string kind;  ///< These two: of the entry that decided at that time.
  std::string category;
  Time refused;                 ///< When it would have been refused for the first time.
  Time delivered;               ///< Its newest delivery.
  std::int64_t recipients = 0;  ///< How often it would have been refused.
};

struct MonitoredKind {
  std::string kind;
  std::int64_t recipients = 0;
  std::int64_t addresses = 0;
};

/// As far as notes of refusals are kept.
struct Monitored {
  std::string mode;  ///< `milter.mode`, as the daemon has read it last.
  std::int64_t recipients = 0;
  std::int64_t addresses = 0;
  std::vector<MonitoredKind> kinds;       ///< Most recipients first.
  std::int64_t delivered_later = 0;       ///< Addresses.
  std::vector<DeliveredLater> delivered;  ///< The first kShown of them, those with most recipients first.

  static constexpr std::int64_t kShown = 1000;
};

}  // namespace suppressd
