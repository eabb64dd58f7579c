#include "suppressd/store/ledger.h"

#include <utility>

#include <sqlite3.h>

#include "cursor_rows.h"
#include "delivery_rows.h"
#include "evidence_rows.h"
#include "failure.h"
#include "message_rows.h"
#include "record_cache.h"
#include "refusal_rows.h"
#include "unproven_rows.h"

namespace suppressd {
namespace {

std::int64_t learning_version(Database& database) {
  Query query(database, "SELECT value FROM meta WHERE name = 'learning'");
  return query.step() ? query->integer(0) : 0;
}

std::vector<Evidence> read_all(Query& query) {
  std::vector<Evidence> found;
  while (query.step()) found.push_back(read_evidence(*query));
  return found;
}

}  // namespace

struct Ledger::State {
  State(Database& connection, Durability promise) : database(connection), durability(promise) {}

  Database& database;
  Durability durability;
  std::optional<Transaction> transaction;
  RecordCache records{database};
  std::optional<std::int64_t> learned;  ///< `meta.learning` as of what the caller holds in memory.
  bool learning_changed = false;

  void end() {
    transaction.reset();
    learning_changed = false;
  }

  void require_transaction() const {
    if (!transaction)
      throw StoreFailure{SQLITE_MISUSE,
                         "no transaction is open: an earlier failure ended it, or it was never begun"};
  }

  /// Runs `action` inside the transaction; a failure ends the transaction.
  template <typename Action>
  auto within(Action&& action) {
    auto result = guarded(database, [&] {
      require_transaction();
      return action();
    });
    if (!result) end_in_failure();
    return result;
  }

  void end_in_failure() {
    end();
    records.forget();
    learned.reset();
  }
};

Ledger::Ledger(Database& database, Durability durability)
    : state_(std::make_unique<State>(database, durability)) {}
Ledger::~Ledger() = default;

Status Ledger::begin(bool& foreign) {
  State& state = *state_;
  if (!state.transaction && state.database.moved()) {
    state.end_in_failure();
    if (Status again = state.database.open_again(); !again) return again;
    return Error{"database " + state.database.path() +
                 ": the file was replaced while it was open; what stands there now is used from now on"};
  }
  Status begun = guarded(state.database, [&] {
    if (state.transaction) throw StoreFailure{SQLITE_MISUSE, "a transaction is open already"};
    state.database.synchronous_full(state.durability == Durability::by_hand);
    state.transaction.emplace(state.database);
    state.records.begin();
    const std::int64_t version = learning_version(state.database);
    foreign = !state.learned || *state.learned != version;
    state.learned = version;
  });
  if (!begun) state.end_in_failure();
  return begun;
}

Status Ledger::commit() {
  State& state = *state_;
  return state.within([&] {
    state.records.write();
    if (state.learning_changed) {
      run(state.database, "UPDATE meta SET value = value + 1 WHERE name = 'learning'");
      ++*state.learned;
    }
    state.transaction->commit();
    state.records.committed();
    state.end();
  });
}

bool Ledger::in_company() const {
  return state_->records.in_company();
}

void Ledger::rollback() {
  state_->end_in_failure();
}

Result<AddressRecord*> Ledger::record(std::string_view address) {
  return state_->within([&] { return &state_->records.get(address); });
}

void Ledger::changed(AddressRecord& record) {
  state_->records.changed(record);
}

Status Ledger::add_newest(SortedDeliveries deliveries) {
  return state_->within([&] { state_->records.add_newest(std::move(deliveries)); });
}

Result<std::int64_t> Ledger::add_evidence(const Evidence& evidence) {
  return state_->within([&] { return insert_evidence(state_->database, evidence); });
}

Status Ledger::add_change(const Change& change) {
  return state_->within([&] { insert_change(state_->database, change); });
}

Status Ledger::add_gap(const Gap& gap) {
  return state_->within([&] {
    run(state_->database, "INSERT INTO gap(lost_from, lost_to, source, reason) VALUES (?1, ?2, ?3, ?4)",
        gap.from, gap.to, gap.source, gap.reason);
  });
}

Status Ledger::add_delivery(const Delivery& delivery) {
  return state_->within([&] { save_delivery(state_->database, delivery); });
}

Status Ledger::remove_delivery(const Delivery& delivery) {
  return state_->within([&] { suppressd::remove_delivery(state_->database, delivery); });
}

Status Ledger::add_unproven(const Unproven& report) {
  return state_->within([&] { insert_unproven(state_->database, report); });
}

Status Ledger::add_line_counts(Time day, const LineCounts& counts) {
  return state_->within([&] {
    run(state_->database,
        "INSERT INTO line_count(day, understood, ignored, not_understood)"
        " VALUES (strftime('%Y-%m-%d', ?1, 'unixepoch'), ?2, ?3, ?4) ON CONFLICT (day) DO UPDATE SET"
        " understood = understood + excluded.understood, ignored = ignored + excluded.ignored,"
        " not_understood = not_understood + excluded.not_understood",
        day, counts.understood, counts.ignored, counts.not_understood);
  });
}

Status Ledger::add_line_samples(const std::vector<LineSample>& samples) {
  if (samples.empty()) return {};
  return state_->within([&] {
    for (const auto& sample : samples)
      run(state_->database, "INSERT INTO line_sample(at, line) VALUES (?1, ?2)", sample.at, sample.line);
    run(state_->database, "DELETE FROM line_sample WHERE id <= ?1",
        state_->database.last_insert_id() - kLineSamples);
  });
}

Status Ledger::add_refusals(const std::vector<Refusal>& refusals, std::uint64_t dropped) {
  return state_->within([&] { insert_refusals(state_->database, refusals, dropped); });
}

Result<Cursor> Ledger::save_cursor(Cursor cursor) {
  return state_->within([&] { return write_cursor(state_->database, std::move(cursor)); });
}

Result<bool> Ledger::is_overtaken(const Cursor& cursor) {
  return state_->within([&] { return suppressd::is_overtaken(state_->database, cursor); });
}

Status Ledger::save(const TrackerChanges& changes) {
  if (changes.empty()) return {};
  return state_->within([&] {
    save_messages(state_->database, changes);
    state_->learning_changed = true;
  });
}

Status Ledger::save(const Brake::Changes& changes) {
  if (changes.written.empty() && changes.removed.empty()) return {};
  return state_->within([&] {
    save_traffic(state_->database, changes);
    state_->learning_changed = true;
  });
}

Result<std::int64_t> Ledger::new_batch(std::string_view act, std::string_view actor) {
  return state_->within([&] {
    run(state_->database, "INSERT INTO batch(act, actor) VALUES (?1, ?2)", act, actor);
    return state_->database.last_insert_id();
  });
}

Result<HistoryFilter> Ledger::history() {
  return guarded(state_->database, [&] {
    state_->records
        .let_go();  // of whom it does not contain, newest deliveries are written without their record
    return load_history(state_->database);
  });
}

Result<std::uint64_t> Ledger::size() {
  return guarded(state_->database, [&] {
    Query query(state_->database, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    return static_cast<std::uint64_t>(query.step() ? query->integer(0) : 0);
  });
}

Result<std::vector<StoredMessage>> Ledger::messages() {
  return guarded(state_->database, [&] { return load_messages(state_->database); });
}

Result<std::vector<TrafficBucket>> Ledger::traffic() {
  return guarded(state_->database, [&] { return load_traffic(state_->database); });
}

Result<std::vector<Cursor>> Ledger::cursors_by_first_line(std::string_view first_line) {
  return guarded(state_->database, [&] { return cursors_of_stream(state_->database, first_line); });
}

Result<std::optional<Cursor>> Ledger::newest_followed_cursor() {
  return guarded(state_->database, [&] { return suppressd::newest_followed_cursor(state_->database); });
}

Result<std::optional<Cursor>> Ledger::newest_cursor(std::string_view source) {
  return guarded(state_->database, [&] { return newest_cursor_of(state_->database, source); });
}

Result<std::vector<Delivery>> Ledger::deliveries(std::string_view address, Time since) {
  return guarded(state_->database, [&] { return deliveries_since(state_->database, address, since); });
}

Result<std::vector<Delivery>> Ledger::deliveries_of_message(std::string_view message,
                                                            std::string_view address) {
  return guarded(state_->database,
                 [&] { return suppressd::deliveries_of_message(state_->database, message, address); });
}

Result<std::vector<Evidence>> Ledger::failures(std::string_view address, Time after) {
  static const std::string sql =
      "SELECT " + kEvidenceColumns +
      " FROM evidence AS e WHERE e.address = ?1 AND e.at > ?2 AND e.what = 'failed' ORDER BY e.at, e.id";
  return guarded(state_->database, [&] {
    Query query(state_->database, sql, address, after);
    return read_all(query);
  });
}

Result<std::vector<Evidence>> Ledger::evidence_about(const MessageKey& message, std::string_view address,
                                                     std::string_view what) {
  static const std::string sql =
      "SELECT " + kEvidenceColumns +
      " FROM evidence AS e WHERE e.address = ?1 AND e.what = ?2 AND e.queue_id = ?3"
      " AND coalesce(e.entered, e.at) BETWEEN ?4 AND ?5"
      " AND (e.instance = '' OR ?7 = '' OR (e.host = ?6 AND e.instance = ?7)) ORDER BY e.at, e.id";
  return guarded(state_->database, [&] {
    Query query(state_->database, sql, address, what, message.queue_id, message.entered - kMessageEntryApart,
                message.entered + kMessageEntryApart, message.host, message.instance);
    return read_all(query);
  });
}

}  // namespace suppressd
