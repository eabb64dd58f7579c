// Look-ups that answer from memory for recipients that are not on the list, which most are. Wraps
// another Lookup, which answers all other questions.
//
// A Bloom filter of all addresses in `suppression`, made by a thread of its own. It belongs to one
// committed state of the database, as SQLite's WAL-index identifies it (wal_index.h), and is used only
// while the database is in that state. Our own writer reports the addresses that it inserts
// (Ledger::tell), which carries the filter from each of its states to the next. After a commit of any
// other writer, and while the filter is made, absent() is false and the database is queried.
//
// What it saves, by the benchmark rcpt against a daemon without it: without it, an RCPT through Postfix
// to an address that is not on the list costs, in CPU time of all processes together and with its 95 %
// interval, 17 % (13 to 22) more with 1 million entries and 18 % (9 to 31) more with 10 million; with
// cold caches, 32 % (11 to 43) and 65 % (19 to 94). A recipient that is refused costs the same (-9 to 7).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "suppressd/core/lookup.h"
#include "suppressd/store/database_gate.h"
#include "suppressd/store/write_listener.h"

namespace suppressd {

class AbsenceFilter final : public Lookup, public WriteListener {
 public:
  /// Begins to make the filter of the gate's database, at 1.5 bytes of memory per entry. `database`
  /// queries the same database and must outlive this. `rest`: the least time between two attempts;
  /// together they take at most a twentieth of one processor's time. Throws std::system_error if no
  /// thread can be started.
  AbsenceFilter(Lookup& database, std::shared_ptr<DatabaseGate> gate,
                std::chrono::milliseconds rest = std::chrono::seconds{1});
  ~AbsenceFilter() override;

  LookupResult find(const CoveringKeys& keys, std::string_view sender, Time now) override;
  Result<bool> exempt(const CoveringKeys& keys) override;

  /// True: in the state that is committed now, none of `keys` has a row in `suppression`. False: one may
  /// have, or it is not known. Never waits. Any thread. A file that was replaced or deleted may still
  /// answer for `DatabaseGate::kTrusted`.
  bool absent(const CoveringKeys& keys) noexcept;
  /// Whether absent() can be true now.
  bool ready() noexcept;

  // Called by the only writer of this process.
  void transaction_begun() noexcept override;
  void inserting(std::string_view address) noexcept override;
  void transaction_ended(bool changed) noexcept override;

 private:
  struct Parts;
  Lookup& database_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
