// A disk that fails on demand, under SQLite: a VFS around the system's own.
//
// Every operation on a file asks the plan (faults.h): open, read, write, truncate, sync, size, lock, unlock,
// the shared memory of the write-ahead log, delete, access, full path name. A sync that does not fail does
// nothing, so that thousands of runs are quick. An unlock that fails has still unlocked, as the kernel does
// when the descriptor is closed.
#pragma once

#include <chrono>

namespace suppressd::fault {

/// Registers it as the default VFS of this process. Before the first connection.
void install_failing_disk();
/// From now on every write and sync takes this long. Any thread.
void slow_down_writes(std::chrono::milliseconds length);

}  // namespace suppressd::fault
