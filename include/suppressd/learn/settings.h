// What learning needs of the configuration. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/breaker.h"
#include "suppressd/core/category.h"
#include "suppressd/core/policy.h"
#include "suppressd/core/tracker.h"
#include "suppressd/mta/dialect.h"

namespace suppressd {

struct LearnSettings {
  const Dialect* dialect = nullptr;       ///< `mta.dialect`; nullptr: that of each line.
  std::string timezone;                   ///< `source.timezone`; empty: the system's.
  std::vector<std::string> local_relays;  ///< `mta.local_relays`
  bool local_relays_default = true;       ///< Not set: loopback, unix sockets, this host's own addresses.
  std::vector<std::string> relays;        ///< `mta.relays`
  TrackerSettings tracker;                ///< `soft.retry_window`
  ActionTable actions;                    ///< `[action]`
  std::int64_t hard_burst = 200;          ///< `hard.burst`
  bool incidents = true;                  ///< `incident.provider`
  bool remember_deliveries = true;        ///< Of addresses of which nothing else is known: `recipient.keep`
  bool complaints_scoped = true;  ///< `complaint.scope`: for mail of the sender's domain, not all mail
  BreakerSettings breaker;        ///< `[breaker]`
  PolicySettings policy;          ///< `hard.weak_for`, `hard.bad_domain_for`, `soft.*`
  /// The list goes by these keys from now on, as the daemon's are. Others go by those that a database has.
  bool sets_policy = false;
  bool report_index = false;                             ///< `report.index`
  Duration report_window = std::chrono::hours(24 * 30);  ///< `report.window`
};

}  // namespace suppressd
