// Which of the entries that cover an address decides, and whether an exemption overrides it: what the
// milter and `show` ask.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/core/covering_keys.h"
#include "suppressd/core/lookup.h"
#include "suppressd/core/suppression.h"

#include "database.h"

namespace suppressd {

struct Decision {
  Suppression entry;
  bool exempt = false;   ///< One of the keys is exempt, so the address is not refused.
  bool enforced = true;  ///< False: enforcement is off.
};

/// Of the entries in force at `now`, the one under the most specific key; of several under that key, by
/// kind.
std::optional<Decision> deciding_entry(Database& database, const CoveringKeys& keys, Time now);

/// As an answer: an exempt address is clear.
LookupResult verdict_of(Result<std::optional<Decision>> decided);

/// The characters that begin an address's extension, from the daemon's last configuration
/// (ViewSettings).
std::string recipient_delimiter(Database& database);

/// Since when an exemption covers the address; nullopt: none does.
std::optional<Time> exempt_since(Database& database, const CoveringKeys& keys);

}  // namespace suppressd
