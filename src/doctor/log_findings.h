// What is wrong with the logs. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "suppressd/doctor/finding.h"
#include "suppressd/doctor/log_state.h"
#include "suppressd/source/rate_limit.h"
#include "suppressd/store/host_state.h"

namespace suppressd {

/// A log with the eyes of the service's account.
struct ReadLog {
  LogState state;
  std::string unreadable;  ///< Why the service cannot read it, and what to do; empty: it can.
  bool not_tried = false;  ///< Only root can look with the eyes of another account.
  std::uint64_t size = 0;  ///< Of the file.
  bool rotated = false;    ///< A rotated file is beside it.
};

struct UnitLimit {
  std::string unit;
  RateLimit limit;
};

struct LogFacts {
  std::vector<ReadLog> logs;
  std::string no_log;                ///< Why there is none to follow; empty: there is one.
  std::string account;               ///< Of the service.
  std::vector<UnitLimit> limits;     ///< Of the units whose entries in the journal are followed.
  std::optional<Time> mail;          ///< When the MTA has last handled mail, as its queue shows.
  const HostState* state = nullptr;  ///< nullptr: there is no database.
  bool clock_synchronised = true;
  /// Postfix makes its own log file anew at each rotation, for root alone (before 3.9), and no default access
  /// list of the folder mends that.
  std::string made_for_root;
  Time now;
};

Findings log_findings(const LogFacts& facts);

}  // namespace suppressd
