// Rows of `policy`: the keys that decide, and since when.
//
// A row that a person has made unreadable is left out. Throws StoreFailure; used within the layer only.
#pragma once

#include <vector>

#include "suppressd/core/fold_settings.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& policy_sql();
/// In the order of `since`.
std::vector<DatedSettings> load_policy(Database& database);
/// As the newest: rows of a later time are removed.
void save_policy(Database& database, const DatedSettings& row);

}  // namespace suppressd
