// Rows of `refusal` and of `refusal_day`, what is left of them later.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <vector>

#include "suppressd/core/refusal.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& refusal_sql();
Refusal read_refusal(const Statement& statement);

/// `dropped` notes that were lost are counted on the day of the newest note, or today.
void insert_refusals(Database& database, const std::vector<Refusal>& refusals, std::uint64_t dropped);

}  // namespace suppressd
