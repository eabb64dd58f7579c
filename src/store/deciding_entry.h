// The entry that decides on an address: the question of the milter, and of `show`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>
#include <string_view>

#include "suppressd/core/record.h"
#include "suppressd/store/database.h"

namespace suppressd {

struct Decision {
  Suppression entry;
  bool exempt = false;  ///< The address or its domain is never refused, whatever the entry says.
};

/// Of the entries in force at `now`, the address's before those of `domain` (written `@example.com`); among them by kind.
std::optional<Decision> deciding_entry(Database& database, std::string_view address, std::string_view domain, Time now);

/// Whether an exemption covers the address.
bool is_exempt(Database& database, std::string_view address);

}  // namespace suppressd
