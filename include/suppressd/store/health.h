// Whether the database file is sound, for `doctor` and `--check-config`.
//
// Reads the whole file: minutes for tens of millions of rows. Works on any connection. One thread a Database.
#pragma once

#include "suppressd/base/result.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// Error: the first damage that SQLite finds (`PRAGMA quick_check`), and how to recover.
Status check_integrity(Database& database);

}  // namespace suppressd
