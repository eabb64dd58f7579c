// Rows of `act` and `act_address`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/act.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& act_sql();
/// SQL for the natural key of the act whose number a column holds.
std::string act_key(const std::string& column);

std::int64_t insert_act(Database& database, const Act& act);
void insert_act_address(Database& database, std::string_view address, std::int64_t number, Time at);
std::optional<Act> act_of(Database& database, std::int64_t number);

/// Acts on one address: lifts, confirmations and reconfirmations.
std::vector<ListEvent> acts_on(Database& database, std::string_view address);
/// Acts on the whole list: undos and reverts.
std::vector<ListEvent> acts_on_list(Database& database);
std::vector<std::string> addresses_of_act(Database& database, std::int64_t number);

}  // namespace suppressd
