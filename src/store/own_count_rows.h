// Rows of `local_attempt` and `sender_send`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/fold.h"
#include "suppressd/store/own_counts.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

std::vector<LocalAttemptRow> load_local_attempts(Database& database);
std::vector<SenderSendRow> load_sender_sends(Database& database);
/// Inserts, or replaces the row with its key.
void save_local_attempt(Database& database, const LocalAttemptRow& row);
void save_sender_send(Database& database, const SenderSendRow& row);
void forget_own_counts(Database& database, std::string_view host, Time before);

/// Addresses, and domains written `@domain`, with failures that an incident of our own concerns.
std::vector<std::string> failed_in(Database& database, const OwnRange& range);

const TableSql& local_attempt_sql();
const TableSql& sender_send_sql();

}  // namespace suppressd
