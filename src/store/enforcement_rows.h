// Rows of `enforcement_off`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>

#include "suppressd/store/enforcement.h"

#include "database.h"

namespace suppressd {

/// SQL that is 1 if enforcement is off at the time that `now` names, such as `?5`.
std::string is_off(const std::string& now);

/// The one in force at `now`.
std::optional<EnforcementOff> enforcement_off(Database& database, Time now);

}  // namespace suppressd
