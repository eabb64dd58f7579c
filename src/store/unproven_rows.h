// Rows of `unproven`. Used within the layer only.
#pragma once

#include <functional>

#include "suppressd/base/result.h"
#include "suppressd/store/unproven.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& unproven_sql();
/// The same report twice is one row; the oldest rows are removed if there are too many. Throws StoreFailure.
void insert_unproven(Database& database, const Unproven& report);
/// Newest first. `take` must not use the database.
Status each_unproven(Database& database, const std::function<void(const Unproven&)>& take);

}  // namespace suppressd
