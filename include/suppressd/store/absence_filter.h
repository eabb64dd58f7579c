// Look-ups with a memory of who is on no list: most recipients are answered without a look into the
// database. Around another Lookup, which answers whatever it does not know.
//
// A Bloom filter of all addresses in `suppression`, made by a thread of its own. It belongs to one committed
// state of the database, which SQLite's WAL-index names (wal_index.h), and is asked only while that is the
// state; so nothing is remembered longer than the database stays as it is. Our own writer, which tells what
// it enters (Database::tell), carries it from each of its states to the next. After a commit of anybody else,
// and while the filter is made, absent() is false and the database is asked.
//
// What it earns, by the benchmark rcpt with a daemon without it beside: without it an RCPT through
// Postfix to an address on no list costs, in CPU time of all processes together and with its 95 % interval,
// 17 % (13 to 22) more at 1 million entries and 18 % (9 to 31) more at 10 million, cold 32 % (11 to 43) and
// 65 % (19 to 94); one that is refused costs the same (-9 to 7).
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
  /// Begins to make the filter of the gate's database, which `database` asks and which must outlive this: 1.5
  /// bytes of memory per entry. `rest`: the least time between two attempts, which together take a twentieth
  /// of one processor's time at most. Throws std::system_error: no thread.
  AbsenceFilter(Lookup& database, std::shared_ptr<DatabaseGate> gate,
                std::chrono::milliseconds rest = std::chrono::seconds{1});
  ~AbsenceFilter() override;

  LookupResult find(const CoveringKeys& keys, Time now) override;
  Result<bool> exempt(const CoveringKeys& keys) override;

  /// True: in the state that is committed now, none of `keys` has a row in `suppression`. False: one may
  /// have, or it is not known. Never waits. Any thread. A file that was replaced or deleted may go on
  /// answering for `DatabaseGate::kTrusted`.
  bool absent(const CoveringKeys& keys) noexcept;
  /// Whether absent() can be true now.
  bool ready() noexcept;

  // Of the one writer of this process.
  void transaction_begun() noexcept override;
  void inserting(std::string_view address) noexcept override;
  void transaction_ended(bool changed) noexcept override;

 private:
  struct Parts;
  Lookup& database_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
