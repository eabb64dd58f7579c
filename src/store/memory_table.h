// Rows in memory as a table that SQL can read, so that one statement takes many: a virtual table
// (https://www.sqlite.org/vtab.html) with the columns address, at and queue_id, whose rows are bound as a
// pointer:
//   INSERT INTO recipient(...) SELECT address, at, queue_id FROM memory_table(?1)
// It saves a third of what as many statements cost. Throws StoreFailure; used within the layer only.
#pragma once

#include <cstddef>
#include <string_view>

#include "suppressd/core/delivery_runs.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// Once for each connection.
void add_memory_table(sqlite3* handle);
/// Runs a statement whose only parameter is the table: of the next rows, `limit` at most. `rows` stands
/// behind them then.
void run_with_rows(Database& database, std::string_view sql, DeliveryRuns::Reader& rows, std::size_t limit);

}  // namespace suppressd
