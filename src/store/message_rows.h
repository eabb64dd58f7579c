// Rows of `message` and `send`, the tracker's stored state, and of `traffic`, the brake's.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <vector>

#include "suppressd/core/brake.h"
#include "suppressd/core/tracker.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& message_sql();
const TableSql& send_sql();
const TableSql& traffic_sql();

/// Of all columns.
Send read_send(const Statement& statement);

std::vector<StoredMessage> load_messages(Database& database);
void save_messages(Database& database, const TrackerChanges& changes);

std::vector<TrafficBucket> load_traffic(Database& database);
void save_traffic(Database& database, const Brake::Changes& changes);

}  // namespace suppressd
