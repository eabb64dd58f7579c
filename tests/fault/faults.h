// Which operation fails: one plan for the whole process.
//
// The failing disk and the failing memory ask strikes() at every operation. A test arms a plan, runs the
// program under it, and lifts it; then it may ask how many operations there were and which was struck first.
// Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace suppressd::fault {

enum class Kind {
  io,      ///< Any operation on a file fails as a broken disk does.
  full,    ///< What needs room on the disk fails, and the rest goes on.
  torn,    ///< A write stops half-way.
  sync,    ///< What was written does not reach the disk; for counting.
  memory,  ///< SQLite gets no memory.
};
std::string name_of(Kind kind);

struct Plan {
  Kind kind = Kind::io;
  std::uint64_t at = 0;  ///< Number of the operation, from 1; 0: none, they are only counted.
  bool lasting = false;  ///< From then on for ever, instead of once.
};

void arm(const Plan& plan);
void lift();

/// Counts the operation, and says whether it fails now. `what` must live for ever.
bool strikes(Kind kind, const char* what);

/// Since arm(), lifted or not.
std::uint64_t operations();
/// The first that failed; empty: none.
std::string struck();

}  // namespace suppressd::fault
