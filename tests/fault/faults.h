// Which operation fails: one plan for the whole process.
//
// The failing disk and the failing memory call strikes() at every operation. A test arms a plan, runs the
// program under it, and lifts it; then it can query how many operations there were and which failed first.
// Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace suppressd::fault {

enum class Kind {
  io,      ///< Any operation on a file fails as a broken disk does.
  full,    ///< Operations that need room on the disk fail; the others work.
  torn,    ///< A write stops half-way.
  sync,    ///< What was written does not reach the disk; for counting.
  memory,  ///< SQLite gets no memory.
};
std::string name_of(Kind kind);

struct Plan {
  Kind kind = Kind::io;
  std::uint64_t at = 0;  ///< Number of the operation, from 1; 0: none, they are only counted.
  bool lasting = false;  ///< All operations from then on fail, not only one.
};

void arm(const Plan& plan);
void lift();

/// Counts the operation, and says whether it fails now. `what` must never be freed.
bool strikes(Kind kind, const char* what);

/// Since arm(), even if lifted.
std::uint64_t operations();
/// The first that failed; empty: none.
std::string struck();

}  // namespace suppressd::fault
