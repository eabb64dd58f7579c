// Addresses and whole `@domain`s that are never suppressed.
//
// They are written through a Batch (ledger.h) and listed by a Reader. Plain data.
#pragma once

#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

struct Exemption {
  std::string address;  ///< Canonical, or `@domain`.
  Time since;
  std::string note;
  std::string actor;
};

}  // namespace suppressd
