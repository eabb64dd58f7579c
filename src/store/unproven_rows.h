// Rows of `unproven`. Throws StoreFailure; used within the layer only.
#pragma once

#include "suppressd/store/unproven.h"

namespace suppressd {

/// The same report twice is one row; the oldest make room.
void insert_unproven(Database& database, const Unproven& report);

}  // namespace suppressd
