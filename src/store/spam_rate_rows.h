// Rows of `spam_rate`.
//
// Throws StoreFailure, unless a Result says otherwise; used within the layer only.
#pragma once

#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/spam_rate.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& spam_rate_sql();
/// In place of an older one of that day. Removes what is older than kKeepSpamRates.
void save_spam_rate(Database& database, const SpamRate& rate, Time now);
Result<std::vector<SpamRate>> spam_rates(Database& database, Time since);

}  // namespace suppressd
