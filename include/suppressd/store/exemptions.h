// Addresses and whole `@domain`s that are never suppressed.
//
// Writers take their own short transaction, audit what they do, and are durable when they return. One thread
// a Database.
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
/// Audited as `exempted`. False: it was there already, and stays as it was.
Result<bool> add_exemption(Database& database, const Exemption& exemption);
/// Audited as `unexempted`. False: there was none.
Result<bool> remove_exemption(Database& database, std::string_view address, std::string_view actor, Time now);

}  // namespace suppressd
