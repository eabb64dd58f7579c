// Memory that fails on demand, under SQLite.
//
// Every allocation and every growth of one asks the plan (faults.h).
#pragma once

namespace suppressd::fault {

/// Before anything else uses SQLite in this process.
void install_failing_memory();

}  // namespace suppressd::fault
