// Rows of `policy`: the keys that decide, and since when.
//
// Throws StoreFailure, also for a row that was made invalid by hand; used within the layer only.
#pragma once

#include <vector>

#include "suppressd/core/fold_settings.h"

#include "database.h"

namespace suppressd {

/// In the order of `since`.
std::vector<DatedSettings> load_policy(Database& database);
void save_policy(Database& database, const DatedSettings& row);

}  // namespace suppressd
