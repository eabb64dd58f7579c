// A copy of the database as of one moment, while it is in use.
//
// Made with SQLite's backup interface from one read transaction: writers are not held up, and the copy holds
// what was committed when it began. It is checked as a whole, synced, and only then gets its name; what is
// there already stays. Works on any connection. One thread a Database.
#pragma once

#include <cstdint>
#include <string>

#include "suppressd/base/result.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// Gives the copy's size in bytes. Its mode is 0640; its owner, where we are root, that of the database. It
/// needs no `-wal` file beside it. Error: `target` is there already, no room, damage in the copy; then
/// nothing is left behind.
Result<std::uint64_t> back_up(Database& database, const std::string& target);

}  // namespace suppressd
