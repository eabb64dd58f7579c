// Rows of `evidence` and of `audit`, which rests on it.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <string>

#include "suppressd/core/record.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// `e.id, e.address, ...`, for `FROM evidence AS e`, in the order of read_evidence().
inline const std::string kEvidenceColumns =
    "e.id, e.address, e.at, e.what, e.origin, e.host, e.instance, e.queue_id, e.entered, e.sender, "
    "e.first_failed, e.attempts, e.ended_by,"
    " e.category, e.action, e.rule, e.code, e.status, e.stage, e.provider, e.relay, e.text, e.weak";
Evidence read_evidence(const Statement& statement);

/// Stores it unless its natural key is known already; returns the row's id either way.
std::int64_t insert_evidence(Database& database, const Evidence& evidence);

/// `a.at, a.address, ...`, for `FROM audit AS a`, in the order of read_change().
inline const std::string kChangeColumns =
    "a.at, a.address, a.act, a.kind, a.category, a.rule, a.provider, a.evidence, a.actor, a.cause, a.before, "
    "a.batch";
Change read_change(const Statement& statement);
void insert_change(Database& database, const Change& change);

}  // namespace suppressd
