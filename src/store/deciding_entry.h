// Which of the entries that cover an address decides, whether it is half open, and whether an exemption
// overrides it: what the milter, `check` and `show` ask.
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
  bool half_open = false;      ///< It has ended, and no entry is in force.
  std::optional<Probe> probe;  ///< Half open: the message that tests it now.
  bool exempt = false;         ///< One of the keys is exempt, so the address is not refused.
  bool enforced = true;        ///< False: enforcement is off.
};

/// Of the entries in force at `now`, or else of those half open, the one under the most specific key; of
/// several under that key, by kind, and those for all mail first. `sender`: whose mail it is; nullopt: of any
/// sender, so that entries of all scopes count.
std::optional<Decision> deciding_entry(Database& database, const CoveringKeys& keys,
                                       std::optional<std::string_view> sender, Time now);

/// As an answer: an exempt address is clear.
LookupResult verdict_of(Result<std::optional<Decision>> decided);

/// The characters that begin an address's extension, from the daemon's last configuration
/// (ViewSettings).
std::string recipient_delimiter(Database& database);

/// Since when an exemption covers the address; nullopt: none does.
std::optional<Time> exempt_since(Database& database, const CoveringKeys& keys);

}  // namespace suppressd
