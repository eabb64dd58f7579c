// The records of the list as JSON objects, with the names of the database's columns.
//
// Times are ISO 8601 UTC; null means that there is no value (of `until`: permanent). Pure functions.
#pragma once

#include "suppressd/base/json.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/suppression.h"
#include "suppressd/core/tracker.h"
#include "suppressd/store/reader.h"

namespace suppressd::ctl {

Json json_of(const std::optional<Time>& time);
Json json_of(const std::optional<Probe>& probe);
Json json_of(const Suppression& entry, Time now);
/// With `pending_by`, as in v_at_risk. `incident`: that holds it; 0: none.
Json json_of(const Suppression& entry, std::int64_t incident, Time now);
Json json_of(const Evidence& evidence);
Json json_of(const Change& change);
Json json_of(const Send& send);
Json json_of(const Refusal& refusal);
Json json_of(const Exemption& exemption);
Json json_of(const Unproven& report);
Json json_of(const Story& story, Time now);
Json json_of(const IncidentSummary& summary, Time now);
Json json_of(const IncidentStory& story, Time now);

}  // namespace suppressd::ctl
