// What is known to stand on no list, in memory: most recipients are answered without a look into the
// database.
//
// A Bloom filter of all addresses in `suppression`, made by a thread of its own. It belongs to one committed
// state of the database, which SQLite's WAL-index names (wal_index.h), and is asked only while that is the
// state; so nothing is remembered longer than the database stays as it is. Our own writer, which tells what
// it enters, carries it from each of its states to the next. After a commit of anybody else, and while the
// filter is made, absent() is false and the database is asked.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "suppressd/core/covering_keys.h"

namespace suppressd {

class DatabaseGate;

class AbsenceFilter {
 public:
  /// Begins to make the filter of the database: 1.5 bytes of memory an entry. `rest`: the least time between
  /// two attempts, which together take a twentieth of one processor's time at most. Throws std::system_error:
  /// no thread.
  explicit AbsenceFilter(std::shared_ptr<DatabaseGate> gate,
                         std::chrono::milliseconds rest = std::chrono::seconds{1});
  explicit AbsenceFilter(std::string path, std::chrono::milliseconds rest = std::chrono::seconds{1});
  /// Not before the last Transaction of the writer that was told of it (Database::tell) has ended.
  ~AbsenceFilter();

  /// True: in the state that is committed now, none of `keys` has a row in `suppression`. False: one may
  /// have, or it is not known. Never waits. Any thread. A file that was replaced or deleted may go on
  /// answering for `DatabaseGate::kTrusted`.
  bool absent(const CoveringKeys& keys) noexcept;
  /// Whether absent() can be true now.
  bool ready() noexcept;

  /// Of its database.
  const std::shared_ptr<DatabaseGate>& gate() const;

  // What the one writer of this process tells, from its thread: a transaction that may write has begun; it
  // inserts a row into `suppression`; it has ended, and has committed changes or nothing.
  void transaction_begun() noexcept;
  void inserting(std::string_view address) noexcept;
  void transaction_ended(bool changed) noexcept;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
