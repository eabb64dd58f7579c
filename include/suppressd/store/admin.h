// Looking after the database file itself: a copy of it, whether it is sound, and what its views must know.
//
// Works on a connection of its own, or on one that is open already. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd {

class Database;

/// What the database itself must know of the configuration: its views, and programs that read them, have no
/// other way to know it. Kept in `meta` under the names of the configuration's keys.
struct ViewSettings {
  Duration stale_after = kForever;  ///< `soft.stale_after`, for v_streak.
  // A program that only learns leaves these as they are (nullopt).
  std::optional<std::string> mode;  ///< `milter.mode`, for v_suppressed_transport.
  std::optional<std::string>
      recipient_delimiter;  ///< `milter.recipient_delimiter`, for whom an entry or an exemption covers.
};

class Admin {
 public:
  /// For reading only: what changes the database works on a connection that is open.
  static Result<Admin> open(const std::string& path);
  /// On a connection that is open, and must outlive this.
  explicit Admin(Database& database);
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

  /// Writes what differs, in a transaction of its own. The daemon does so at its start and at each reload.
  Status save(const ViewSettings& settings);

 private:
  explicit Admin(std::unique_ptr<Database> own);
  std::unique_ptr<Database> own_;
  Database* database_;
};

}  // namespace suppressd
