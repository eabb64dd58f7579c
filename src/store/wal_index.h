// The committed state of a database in WAL mode, read from SQLite's own shared memory without a lock or a
// system call.
//
// The WAL-index begins with two copies of a header that every commit writes again
// (https://www.sqlite.org/walformat.html, section 2.1). Its layout has been the same since SQLite 3.7.0,
// because processes with different versions share it, and it has a version number. States are only
// compared for equality, and another version is no state: if the format changes, nothing false is
// believed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "database.h"

namespace suppressd {

/// Identifies one committed state: it has the counter of changes, the salt of the log and the checksum of
/// all its frames.
struct WalState {
  std::array<std::uint32_t, 12> header{};

  /// Counts commits: if it is one more than before, there was exactly one.
  std::uint32_t commits() const { return header[2]; }
  bool operator==(const WalState&) const = default;
};

class WalIndex {
 public:
  /// The index of a connection that has read something, and that must stay open as long as this is used.
  /// Then any thread may use it.
  explicit WalIndex(const Database& database);
  /// The index at `memory`; nullptr: there is none.
  explicit WalIndex(void* memory) : memory_(memory) {}

  /// The state that is committed now. nullopt: it is being written at this moment, there is no index, or
  /// it is of another version.
  std::optional<WalState> state() const noexcept;

 private:
  void* memory_ = nullptr;
};

}  // namespace suppressd
