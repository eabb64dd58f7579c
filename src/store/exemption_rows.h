// Exemptions as their rows.
#pragma once

#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/store/exemptions.h"

#include "database.h"

namespace suppressd {

/// In the order of addresses.
Result<std::vector<Exemption>> list_exemptions(Database& database);

}  // namespace suppressd
