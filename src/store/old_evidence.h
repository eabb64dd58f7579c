// Retention of evidence: what is old enough to go. Whether it is an event that still matters is the decider's
// to say.
//
// Never goes: what an entry or an audit row refers to; complaints; take-backs; a report together with the end
// of the same send as the log tells it, for without that end the report would count. Throws StoreFailure;
// used within the layer only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "suppressd/store/ledger.h"

namespace suppressd {

/// Takes the next step of the walk through all evidence.
EvidencePiece next_old_evidence(Database& database, Time oldest, Time now, std::int64_t limit);
/// Of one address.
std::vector<Evidence> old_evidence_of(Database& database, std::string_view address, Time oldest);
/// Counted in the audit.
void expunge_evidence(Database& database, std::span<const std::int64_t> ids, Time now);

}  // namespace suppressd
