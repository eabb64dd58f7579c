// What the store must do while the disk or memory fails: one act each, on the database that earlier acts have
// left.
//
// An act does what is left to do. After an Error it may be called again, as the daemon does on its open
// connection, or be made again on the same file, as after a restart. Before they repeat a change by hand,
// acts look whether it was made, as a person does after an error. The state after an act depends only on the
// acts before it, so that dumps can be compared byte for byte.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/rules.h"

namespace suppressd::fault {

class Act {
 public:
  virtual ~Act() = default;
  virtual Status run() = 0;
  /// What it has read, for comparison.
  virtual std::string output() const { return {}; }
};

/// `suppressctl dump`, or what went wrong.
Result<std::string> dump_of(const std::string& folder);

struct ActKind {
  std::string name;
  std::unique_ptr<Act> (*make)(const std::string& folder);
  bool killed =
      false;  ///< Begins as a killed process left the files: the write-ahead log is not in the database yet.
  Result<std::string> (*state)(const std::string& folder) = dump_of;
  bool whole_log = false;  ///< All of the mail log is there; else its first half, which ends within a line.
};

/// In the order in which each follows from the one before.
const std::vector<ActKind>& all_acts();

/// The database of an act's folder.
std::string database_in(const std::string& folder);
/// Writes the mail log that is learned from into the folder.
void write_log(const std::string& folder, bool whole);
/// The built-in rules, compiled once.
const Ruleset& rules();
/// What `PRAGMA integrity_check` says to another program: `ok` and a line feed, or damage. A file that does
/// not exist is `ok`.
std::string integrity_of(const std::string& folder);

}  // namespace suppressd::fault
