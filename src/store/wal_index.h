// The committed state of a database in WAL mode, read from SQLite's own shared memory without a lock or a
// call to the system.
//
// The WAL-index begins with two copies of a header that every commit writes anew
// (https://www.sqlite.org/walformat.html, section 2.1). Its layout has been the same since SQLite 3.7.0,
// because processes with different versions share it, and it bears a version number. States are compared for
// being equal, and one of another version is no state: were the format to change, nothing false would be
// believed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "suppressd/store/database.h"

namespace suppressd {

/// Names one committed state: with the counter of changes, the salt of the log and the checksum of all its
/// frames.
struct WalState {
  std::array<std::uint32_t, 12> header{};

  /// Counts commits. By one more than before: exactly one was made between.
  std::uint32_t commits() const { return header[2]; }
  bool operator==(const WalState&) const = default;
};

class WalIndex {
 public:
  /// Of a connection that has read, and that must stay open as long as this is used. Any thread may use it
  /// then.
  explicit WalIndex(const Database& database);
  /// The index that stands at `memory`; nullptr: none.
  explicit WalIndex(void* memory) : memory_(memory) {}

  /// The state that is committed now. nullopt: it is just being written, there is no index, or it is of
  /// another version.
  std::optional<WalState> state() const noexcept;

 private:
  void* memory_ = nullptr;
};

}  // namespace suppressd
