// What the commands about incidents have in common.
#pragma once

#include <cstdint>

#include "program.h"

namespace suppressd::ctl {

/// `incidents confirm`, `incidents drop` and `incidents read`.
void add_incident_acts(Program& program, CLI::App* incidents);

/// Error: there is none of that number.
Result<IncidentSummary> find_incident(Reader& reader, std::int64_t number, Time now);

}  // namespace suppressd::ctl
