// The learning thread's way into the database: everything one batch changes, in one transaction.
//
// begin() ... commit(), or rollback() on any error, after which all state that was handed out is stale: load
// it again. One thread. Failures: an Error with SQLite's words and the file; the transaction is rolled back
// by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/brake.h"
#include "suppressd/core/cursor.h"
#include "suppressd/core/history_filter.h"
#include "suppressd/core/record.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/reversal.h"
#include "suppressd/core/sorted_deliveries.h"
#include "suppressd/core/tracker.h"
#include "suppressd/store/database.h"
#include "suppressd/store/line_counts.h"
#include "suppressd/store/unproven.h"

namespace suppressd {

/// The log, `delay=` and a trace (signed when the whole message is in) tell a message's entry up to this
/// time apart. Queue ids come back, but not so soon.
inline constexpr Duration kMessageEntryApart = std::chrono::hours(1);

class Ledger {
 public:
  /// What a commit promises. After a power cut, learning reads the log again (synchronous NORMAL); nobody
  /// repeats an act by hand (FULL).
  enum class Durability { learning, by_hand };

  explicit Ledger(Database& database, Durability durability = Durability::learning);
  ~Ledger();

  /// BEGIN IMMEDIATE. `foreign` tells that messages, sends and traffic must be loaded (again): at first,
  /// after a rollback, and when another process has changed them since our last commit. Error: any failure of
  /// SQLite; or the file was deleted or replaced, and what stands at its path now, if anything, is used from
  /// the next begin() on.
  Status begin(bool& foreign);
  Status commit();
  void rollback();
  /// Whether another connection has written between two transactions of this one.
  bool in_company() const;

  // Within a transaction:

  /// The record of a canonical address, as stored or last marked. Kept for later transactions, until somebody
  /// else writes. The pointer stays valid until the next record is asked for.
  Result<AddressRecord*> record(std::string_view address);
  /// Marks a record for writing at commit, as it is now.
  void changed(AddressRecord& record);
  /// Deliveries to addresses that history() does not contain, and whose record() was not asked for since.
  /// They are written by commit() at the latest; record() knows them at once.
  Status add_newest(SortedDeliveries deliveries);

  /// Stores evidence, unless it is known by its natural key, and returns its row id. Text is cleaned already.
  Result<std::int64_t> add_evidence(const Evidence& evidence);
  Status add_change(const Change& change);
  Status add_gap(const Gap& gap);
  Status add_delivery(const Delivery& delivery);
  Status remove_delivery(const Delivery& delivery);
  Status add_unproven(const Unproven& report);
  /// Adds to the counts of a day and keeps the newest samples.
  Status add_line_counts(Time day, const LineCounts& counts);
  Status add_line_samples(const std::vector<LineSample>& samples);
  Status add_refusals(const std::vector<Refusal>& refusals, std::uint64_t dropped);
  /// Inserts (id 0) or updates; returns it with the row's id and state.
  Result<Cursor> save_cursor(Cursor cursor);
  /// Another process has read on in this stream since the cursor was stored, or looked up: what it has read
  /// is learned.
  Result<bool> is_overtaken(const Cursor& cursor);
  Status save(const TrackerChanges& changes);
  Status save(const Brake::Changes& changes);
  /// A number for a group of changes by hand (`act`: undo, restore, lift, import), unique in the database.
  Result<std::int64_t> new_batch(std::string_view act = {}, std::string_view actor = {});

  // Within or outside of one:

  /// Of whom more is known than deliveries. Reads the whole of `recipient`, `suppression` and `exemption`.
  Result<HistoryFilter> history();
  /// Bytes of the database.
  Result<std::uint64_t> size();
  Result<std::vector<StoredMessage>> messages();
  Result<std::vector<TrafficBucket>> traffic();
  Result<std::vector<Cursor>> cursors_by_first_line(std::string_view first_line);
  Result<std::optional<Cursor>> newest_cursor(std::string_view source);
  /// Of all logs that were followed, not only replayed.
  Result<std::optional<Cursor>> newest_followed_cursor();
  /// Deliveries to an address that are kept, at or after a time, oldest first.
  Result<std::vector<Delivery>> deliveries(std::string_view address, Time since);
  /// Deliveries of the message with that digest of its Message-ID to an address.
  Result<std::vector<Delivery>> deliveries_of_message(std::string_view message, std::string_view address);
  /// Failures of an address after a time, oldest first.
  Result<std::vector<Evidence>> failures(std::string_view address, Time after);
  /// Evidence of that kind (`what`) about one recipient of one message, whose entry may differ by
  /// kMessageEntryApart. A trace names neither host nor instance: where these are empty, in the question
  /// or in the evidence, queue id and entry decide.
  Result<std::vector<Evidence>> evidence_about(const MessageKey& message, std::string_view address,
                                               std::string_view what);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace suppressd
