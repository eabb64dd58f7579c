// Whether enforcement is off: a time in which whoever is on the list is recorded, but not refused.
//
// The newest row in `enforcement_off` decides, and ends by itself. It is written through a Batch (ledger.h),
// read by a Reader and by the daemon's Ledger, and goes into each answer to the milter. Plain data.
#pragma once

#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

struct EnforcementOff {
  Time since;
  Time until;  ///< First second in which mail is refused again.
  std::string actor;
  std::string note;

  bool operator==(const EnforcementOff&) const = default;
};

}  // namespace suppressd
