// Reads a HostState. Failures are Errors; private to this layer.
#pragma once

#include "suppressd/base/result.h"
#include "suppressd/store/host_state.h"

#include "database.h"

namespace suppressd {

Result<HostState> host_state(Database& database, Time since, std::int64_t threshold, Time now);

}  // namespace suppressd
