// Looking after the database file itself: a copy of it, and whether it is sound.
//
// Works on a connection of its own, which only reads. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "suppressd/base/result.h"

namespace suppressd {

class Database;

class Admin {
 public:
  /// Errors as those of Reader::open.
  static Result<Admin> open(const std::string& path);
  Admin(Admin&&) noexcept;
  Admin& operator=(Admin&&) noexcept;
  ~Admin();

  /// Copies the database as of this moment, while it is in use, and gives the copy's size in bytes.
  ///
  /// Made with SQLite's backup interface from one read transaction: writers are not held up. The copy is
  /// checked as a whole, synced, and only then gets its name. Its mode is 0640; its owner, where we are root,
  /// that of the database. It needs no `-wal` file beside it. Error: `target` is there already, no room,
  /// damage in the copy; then nothing is left behind.
  Result<std::uint64_t> back_up(const std::string& target);

  /// Whether the file is sound. Reads the whole of it: minutes for tens of millions of rows. Error: the first
  /// damage that SQLite finds (`PRAGMA quick_check`), and how to recover.
  Status check();

 private:
  explicit Admin(Database database);
  std::unique_ptr<Database> database_;
};

}  // namespace suppressd
