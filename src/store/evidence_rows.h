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
#include "suppressd/store/ledger.h"

#include "columns.h"
#include "database.h"
#include "statement.h"

namespace suppressd {

const TableSql& evidence_sql();
Evidence read_evidence(const Statement& statement);
/// SQL for the natural key of the evidence that a column refers to, as natural_key() writes it.
std::string evidence_key(const std::string& column);

StoredEvidence stored_evidence(Database& database, const Outcome& outcome);
/// Inserts (id 0) or updates; returns the row's id.
std::int64_t save_evidence(Database& database, const Evidence& evidence);
/// The id of the row of the event on which an entry rests; 0: none.
std::int64_t evidence_of(Database& database, std::string_view address, const EventId& event);

/// What may be events of an address from that time on, or of an `@domain`; without the server's words unless
/// an undo goes by them.
std::vector<Evidence> events_from(Database& database, std::string_view address, Time from);
/// How many sends to an address failed in [from, to], as the log tells.
std::int64_t failed_sends(Database& database, std::string_view address, Time from, Time to);
/// Whether there is evidence of that kind about the same message, except a failure by the retry window.
bool is_known(Database& database, const Outcome& reported);
/// Whether the log says that the send that a report is about bounced or expired.
bool is_end_logged(Database& database, std::string_view address, const MessageKey& message);

/// Whether there is evidence about a message with that queue id to the address.
bool is_other_evidence(Database& database, std::string_view address, std::string_view queue_id);
/// Evidence of an address that may depend on one another in the rates: hard and soft failures that ended at
/// `ended` or later, what counts as dead of messages that entered at `entered` or later, and all about
/// messages with that queue id.
std::vector<Evidence> rated_evidence(Database& database, std::string_view address, Time ended, Time entered,
                                     std::string_view queue_id);
void set_rate_mark(Database& database, std::int64_t id, RateMark mark);

}  // namespace suppressd
