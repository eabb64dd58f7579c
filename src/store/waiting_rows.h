// Rows of `waiting`: outcomes that are too far ahead of the clock to be learned from.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <vector>

#include "suppressd/core/outcome.h"

#include "database.h"

namespace suppressd {

/// False: it was there already.
bool insert_waiting(Database& database, const Outcome& outcome);
/// Removes and returns those up to `until`, oldest first. One that was made unreadable by hand becomes a
/// gap.
std::vector<Outcome> take_waiting(Database& database, Time until, std::int64_t limit);

}  // namespace suppressd
