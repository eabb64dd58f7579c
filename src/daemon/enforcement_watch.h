// Says in the log when enforcement is turned off, and when it is on again.
//
// The milter does not need it: each answer of the database says whether enforcement is off. One thread, that
// of the ledger.
#pragma once

#include <chrono>
#include <optional>

#include "suppressd/store/enforcement.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

class EnforcementWatch {
 public:
  /// To be called often: it queries the database at most once a second. What fails is not said here.
  void look(Ledger& ledger, Time now);

 private:
  using Steady = std::chrono::steady_clock;
  Steady::time_point next_;
  std::optional<EnforcementOff> off_;
};

}  // namespace suppressd
