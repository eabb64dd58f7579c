// Incidents, read on any connection. Used within the layer only; one thread per Database.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "suppressd/store/incidents.h"

#include "database.h"

namespace suppressd {

/// Open ones first, then the newest first.
Result<std::vector<IncidentSummary>> list_incidents(Database& database, Time now);
/// nullopt: there is none of that number.
Result<std::optional<IncidentStory>> incident_story(Database& database, std::int64_t id, Time now);

}  // namespace suppressd
