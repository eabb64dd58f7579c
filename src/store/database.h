// The SQLite database: opening it, and transactions.
//
// One Database is one connection and belongs to one thread at a time. Everything above speaks through the
// typed classes beside this file; SQL stands in schema.sql, views.sql, triggers.sql and in those classes'
// .cpp, nowhere else. Errors name the file and what to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/store/database_gate.h"
#include "suppressd/store/write_listener.h"

#include "statement.h"

struct sqlite3;

namespace suppressd {

class Database {
 public:
  enum class Mode { read_only, read_write, create };

  /// Opens, checks that the file is ours and not newer (`user_version`), and migrates forward (read_write and
  /// create).
  ///
  /// A world-writable file is refused. `create` makes a missing file: mode 0640, the group of its folder
  /// where that is allowed, and its folder's owner where we are root. Writers use WAL and leave `-wal` and
  /// `-shm` behind when they close (SQLITE_FCNTL_PERSIST_WAL), so that a reader without write permission can
  /// open the file. All wait for locks up to `patience`; writers commit with synchronous FULL unless told
  /// otherwise. Triggers are off: they are for people with the sqlite3 shell (triggers.sql). There is no
  /// memory map: a file that someone truncates would kill the process with SIGBUS.
  static Result<Database> open(const std::string& path, Mode mode,
                               std::chrono::milliseconds patience = std::chrono::seconds{5});
  /// One of several connections that this process keeps.
  static Result<Database> open(const std::shared_ptr<DatabaseGate>& gate, Mode mode,
                               std::chrono::milliseconds patience = std::chrono::seconds{5});

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// Prepared once for each text and kept with a copy of it, so there should be few texts. Throws
  /// StoreFailure.
  Statement& prepare(std::string_view sql);
  /// Runs all statements of a text. Throws StoreFailure.
  void execute(const std::string& sql);

  std::int64_t last_insert_id() const;
  std::int64_t changes() const;
  /// Rows that this connection has changed since it was opened.
  std::int64_t total_changes() const;
  /// `PRAGMA data_version`: differs when another connection has committed.
  std::int64_t data_version();
  /// From now on `listener` hears of every Transaction. It must outlive the last of them.
  void tell(WriteListener& listener);
  /// The one that tell() was given; nullptr: none.
  WriteListener* listener() const;
  /// FULL for changes by hand, NORMAL for learning. Ends a transaction that is open. Throws StoreFailure.
  void synchronous_full(bool full);
  /// Ends a transaction that is open, without needing memory.
  void roll_back() noexcept;
  /// The file that was opened, or its log, is no longer at its path: it was deleted or replaced.
  bool moved() const;
  /// As DatabaseGate::when_replaced.
  void when_replaced(std::function<void()> close);
  /// Closes what was moved, so that others can open the new file. What its log holds goes into the old file,
  /// wherever that is now.
  void leave() noexcept;
  /// After leave() every use throws StoreFailure.
  bool closed() const;
  /// After a failure, or when moved: opens what is at the path now in place of what was open. Error: there is
  /// nothing, it cannot be opened, or DatabaseGate does not let it in; what was open stays so, unless it was
  /// moved.
  Status open_again();

  const std::string& path() const;
  sqlite3* handle() const;

 private:
  struct Connection;
  explicit Database(std::unique_ptr<Connection> connection);
  void require_open() const;
  std::unique_ptr<Connection> connection_;
};

/// BEGIN IMMEDIATE; rolls back in the destructor unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);  ///< Throws StoreFailure.
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();  ///< Throws StoreFailure.

 private:
  Database& database_;
  std::int64_t changes_before_;
  bool open_ = true;
};

/// Makes several reads see one moment; inside a transaction it does nothing.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database);  ///< Throws StoreFailure.
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  Database& database_;
  bool mine_;
};

}  // namespace suppressd
