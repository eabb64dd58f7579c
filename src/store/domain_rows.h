// Rows of `domain`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/domain_sends.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& domain_sql();
/// Empty: nothing is known of it.
DomainHistory load_domain(Database& database, std::string_view domain);
/// Its newest delivery.
std::optional<Time> delivered_to_domain(Database& database, std::string_view domain);
/// Adds to what is stored.
void add_to_domain(Database& database, std::string_view domain, const DomainHistory& more);
/// Those of which an `@domain` has a streak, or a step on the ladder of its entries.
std::vector<std::string> failing_domains(Database& database);

}  // namespace suppressd
