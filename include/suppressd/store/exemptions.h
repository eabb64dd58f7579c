// Addresses and whole `@domain`s that are never suppressed.
//
// They are written through a Batch (ledger.h). One thread per Database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"
#include "suppressd/store/database.h"

namespace suppressd {

struct Exemption {
  std::string address;  ///< Canonical, or `@domain`.
  Time since;
  std::string note;
  std::string actor;
};

/// In the order of addresses.
Result<std::vector<Exemption>> list_exemptions(Database& database);

}  // namespace suppressd
