// Retention of evidence: which rows are old enough to be removed. Whether they are events that still
// matter is for the decider to say.
//
// Never removed: what an entry or an audit row refers to; complaints; take-backs; and a report that has the
// log's own end of the same send beside it, because without that end the report would count. Throws
// StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "suppressd/store/ledger.h"

#include "database.h"

namespace suppressd {

/// The next piece of the walk through all evidence: the addresses of old rows in it.
EvidencePiece next_old_evidence(Database& database, Time oldest, Time now, std::int64_t limit);
/// The old rows of one address.
std::vector<Evidence> old_evidence_of(Database& database, std::string_view address, Time oldest);
/// Removes rows, and counts them in the audit.
void expunge_evidence(Database& database, std::span<const std::int64_t> ids, Time now);

}  // namespace suppressd
