// Rows of `message` and `send`, the tracker's stored state, and of `traffic`, the brake's.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <string>
#include <vector>

#include "suppressd/core/brake.h"
#include "suppressd/core/tracker.h"
#include "suppressd/store/database.h"

namespace suppressd {

std::vector<StoredMessage> load_messages(Database& database);
void save_messages(Database& database, const TrackerChanges& changes);

/// `d.address, d.first_failed, ...`, for `FROM send AS d`, in the order of read_send().
inline const std::string kSendColumns =
    "d.address, d.first_failed, d.last_failed, d.attempts, d.deferred, d.counted, d.category, d.action, "
    "d.weak, d.rule, d.code, d.status, d.stage, d.provider, d.relay, d.text";
Send read_send(const Statement& statement, int first = 0);

std::vector<TrafficBucket> load_traffic(Database& database);
void save_traffic(Database& database, const Brake::Changes& changes);

}  // namespace suppressd
