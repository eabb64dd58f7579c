// Rows of `delivery`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <string_view>
#include <vector>

#include "suppressd/core/outcome.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& delivery_sql();
void insert_delivery(Database& database, const Outcome& delivery);
/// In the order of time.
std::vector<Outcome> deliveries_of_message(Database& database, std::string_view message,
                                           std::string_view address);

}  // namespace suppressd
