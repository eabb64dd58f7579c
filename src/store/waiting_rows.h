// Rows of `waiting`: outcomes that are too far ahead of the clock to be learned from.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <vector>

#include "suppressd/core/outcome.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// False: it waits already.
bool insert_waiting(Database& database, const Outcome& outcome);
/// Those up to `until`, oldest first; they are removed. One that a hand made unreadable is a gap.
std::vector<Outcome> take_waiting(Database& database, Time until, std::int64_t limit);

}  // namespace suppressd
