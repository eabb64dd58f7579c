// Rows of `evidence`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/list_event.h"
#include "suppressd/core/outcome.h"

#include "database.h"
#include "statement.h"

namespace suppressd {

/// `e.id, e.address, ...`, for `FROM evidence AS e`, in the order of read_evidence().
inline const std::string kEvidenceColumns =
    "e.id, e.address, e.at, e.what, e.origin, e.host, e.instance, e.queue_id, e.entered, e.sender, "
    "e.first_failed, e.attempts, e.ended_by, e.returned, e.category, e.action, e.weak, e.rule, e.provider, "
    "e.code, e.status, e.stage, e.relay, e.text";
Evidence read_evidence(const Statement& statement);

/// The row of the same event.
std::optional<Evidence> stored_evidence(Database& database, const Outcome& outcome);
/// Inserts (id 0) or updates; returns the row's id.
std::int64_t save_evidence(Database& database, const Evidence& evidence);
/// The id of the row of the event on which an entry rests; 0: none.
std::int64_t evidence_of(Database& database, std::string_view address, const EventId& event);

/// Outcomes of an address from that time on, without the server's words.
std::vector<Outcome> outcomes_of(Database& database, std::string_view address, Time from);
/// Whether there is evidence of that kind about the same message, except a failure by the retry window.
bool is_known(Database& database, const Outcome& reported);
/// Whether the log says that the send that a report is about bounced or expired.
bool is_end_logged(Database& database, std::string_view address, const MessageKey& message);

}  // namespace suppressd
