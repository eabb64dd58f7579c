// Rows of `audit`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "suppressd/core/change.h"

#include "columns.h"
#include "database.h"
#include "statement.h"

namespace suppressd {

const TableSql& change_sql();
Change read_change(const Statement& statement);
void insert_change(Database& database, const Change& change);
/// Retention: adds to the day's row for this table.
void count_expunged(Database& database, std::string_view table, std::int64_t rows, Time now);

}  // namespace suppressd
