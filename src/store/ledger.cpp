#include "suppressd/store/ledger.h"

#include <memory>
#include <utility>

#include <sqlite3.h>

#include "act_rows.h"
#include "audit_rows.h"
#include "breaker_rows.h"
#include "cursor_rows.h"
#include "delivery_rows.h"
#include "domain_rows.h"
#include "evidence_rows.h"
#include "exemption_rows.h"
#include "failure.h"
#include "incident_rows.h"
#include "ledger_state.h"
#include "message_rows.h"
#include "old_evidence.h"
#include "own_count_rows.h"
#include "policy_rows.h"
#include "probe_rows.h"
#include "rate_rows.h"
#include "refusal_rows.h"
#include "spam_rate_rows.h"
#include "tag_rows.h"
#include "undone_sends.h"
#include "unproven_rows.h"
#include "waiting_rows.h"

namespace suppressd {
namespace {

std::int64_t learning_version(Database& database) {
  Query query(database, "SELECT value FROM meta WHERE name = 'learning'");
  return query.step() ? query->integer(0) : 0;
}

std::vector<std::string> addresses(Query& query) {
  std::vector<std::string> found;
  while (query.step()) found.emplace_back(query->text(0));
  return found;
}

}  // namespace

Ledger::Ledger(std::unique_ptr<LedgerState> state) : state_(std::move(state)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::open(const std::string& path, Mode mode, Durability durability,
                            std::chrono::milliseconds patience) {
  return open(std::make_shared<DatabaseGate>(path), mode, durability, patience);
}

Result<Ledger> Ledger::open(const std::shared_ptr<DatabaseGate>& gate, Mode mode, Durability durability,
                            std::chrono::milliseconds patience) {
  const auto opened = mode == Mode::create ? Database::Mode::create : Database::Mode::read_write;
  auto database = Database::open(gate, opened, patience);
  if (!database) return database.error();
  return Ledger(std::make_unique<LedgerState>(std::move(*database), durability));
}

Result<Batch> Ledger::begin() {
  auto& state = *state_;
  if (!state.transaction && state.database.moved()) {
    state.roll_back();
    if (Status again = state.database.open_again(); !again) return again.error();
    return Error{"database " + state.database.path() +
                 ": the file was replaced while it was open; what stands there now is used from now on"};
  }
  Status begun = guarded(state.database, [&] {
    if (state.transaction) throw StoreFailure{SQLITE_MISUSE, "a transaction is open already"};
    state.database.synchronous_full(state.durability == Durability::by_hand);
    state.transaction.emplace(state.database);
    const std::int64_t now = state.database.data_version();
    state.in_company = state.in_company || (state.data_version && *state.data_version != now);
    state.data_version = now;
    const std::int64_t version = learning_version(state.database);
    state.must_load = !state.learned || *state.learned != version;
    state.learned = version;
  });
  if (!begun) {
    state.roll_back();
    return begun.error();
  }
  return Batch(state);
}

bool Ledger::in_company() const {
  return state_->in_company;
}

Result<std::vector<StoredMessage>> Ledger::messages() {
  return guarded(state_->database, [&] { return load_messages(state_->database); });
}

Result<std::vector<TagNote>> Ledger::tag_notes() {
  return guarded(state_->database, [&] { return load_tag_notes(state_->database); });
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

void Ledger::tell(WriteListener& listener) {
  state_->database.tell(listener);
}

bool Ledger::moved() const {
  return state_->database.moved();
}

void Ledger::when_replaced(std::function<void()> close) {
  state_->database.when_replaced(std::move(close));
}

void Ledger::leave() noexcept {
  state_->database.leave();
}

bool Ledger::closed() const {
  return state_->database.closed();
}

Status Ledger::open_again() {
  return state_->database.open_again();
}

const std::string& Ledger::path() const {
  return state_->database.path();
}

Batch::Batch(LedgerState& state) : state_(&state), number_(++state.batches) {}

Batch& Batch::operator=(Batch&& other) noexcept {
  if (this == &other) return *this;
  end();
  state_ = std::exchange(other.state_, nullptr);
  number_ = other.number_;
  return *this;
}

Batch::~Batch() {
  end();
}

void Batch::end() noexcept {
  if (state_ != nullptr && state_->batches == number_ && state_->transaction) state_->roll_back();
}

bool Batch::must_load() const {
  return state_->must_load;
}

std::int64_t Batch::data_version() const {
  return *state_->data_version;
}

Status Batch::commit() {
  auto& state = *state_;
  auto committed = state.within([&] {
    for (const auto& address : state.gathered.addresses()) {
      KnownGoodTally known_good;
      RateTally rates;
      DomainTally domains;
      if (!add_deliveries(state.database, address, state.gathered.take(address),
                          {.known_good = known_good, .rates = rates, .domains = domains}, true))
        throw StoreFailure{SQLITE_MISUSE, "deliveries to " + address + " were gathered and not judged"};
    }
    state.write_records();
    if (state.learning_changed) {
      run(state.database, "UPDATE meta SET value = value + 1 WHERE name = 'learning'");
      ++*state.learned;
    }
    state.transaction->commit();
    state.transaction.reset();
    state.forget();
  });
  if (committed) state_ = nullptr;
  return committed;
}

Result<AddressRecord*> Batch::record(std::string_view address) {
  return state_->within([&] { return &state_->kept(address).record; });
}

Result<AddressRecord*> Batch::reload(std::string_view address) {
  return state_->within([&] { return &state_->reload(address).record; });
}

void Batch::changed(AddressRecord& record) {
  if (const auto found = state_->records.find(record.address); found != state_->records.end())
    found->second.changed = true;
}

Status Batch::unload() {
  return state_->within([&] { state_->unload(); });
}

Result<std::optional<Time>> Batch::exempt_since(std::string_view address) {
  return state_->within([&] { return state_->exempt_since(address); });
}

void Batch::gather(std::string_view address, const EventId& delivery, std::string_view provider,
                   std::string_view sender_domain, const Tags& tags) {
  state_->gathered.add(address, delivery, provider, sender_domain, tags);
}

std::vector<GatheredDelivery> Batch::take_gathered(std::string_view address) {
  return state_->gathered.take(address);
}

bool Batch::gathered_enough() const {
  return state_->gathered.full();
}

Result<std::vector<std::pair<std::string, std::vector<GatheredDelivery>>>> Batch::write_gathered(
    const DeliveryTallies& tallies, bool remember) {
  return state_->within([&] {
    std::vector<std::pair<std::string, std::vector<GatheredDelivery>>> others;
    for (auto& address : state_->gathered.addresses()) {
      auto deliveries = state_->gathered.take(address);
      if (state_->records.contains(address) ||
          !add_deliveries(state_->database, address, deliveries, tallies, remember))
        others.emplace_back(std::move(address), std::move(deliveries));
    }
    return others;
  });
}

Result<DomainHistory> Batch::domain(std::string_view domain) {
  return state_->within([&] { return load_domain(state_->database, domain); });
}

Status Batch::add(std::string_view domain, const DomainHistory& more) {
  return state_->within([&] { add_to_domain(state_->database, domain, more); });
}

Result<std::vector<std::string>> Batch::failing_domains() {
  return state_->within([&] { return suppressd::failing_domains(state_->database); });
}

Result<std::int64_t> Batch::failed_sends(std::string_view address, Time from, Time to) {
  return state_->within([&] { return suppressd::failed_sends(state_->database, address, from, to); });
}

Result<StoredEvidence> Batch::stored(const Outcome& outcome) {
  return state_->within([&] { return stored_evidence(state_->database, outcome); });
}

Result<std::int64_t> Batch::save(const Evidence& evidence) {
  return state_->within([&] { return save_evidence(state_->database, evidence); });
}

Result<std::int64_t> Batch::evidence_of(std::string_view address, const EventId& event) {
  return state_->within([&] { return suppressd::evidence_of(state_->database, address, event); });
}

Result<bool> Batch::is_known(const Outcome& reported) {
  return state_->within([&] { return suppressd::is_known(state_->database, reported); });
}

Result<bool> Batch::is_end_logged(std::string_view address, const MessageKey& message) {
  return state_->within([&] { return suppressd::is_end_logged(state_->database, address, message); });
}

Result<std::vector<std::string>> Batch::hard_failed(const PendingRange& range) {
  return state_->within([&] {
    static const auto sql =
        "SELECT DISTINCT address FROM evidence WHERE " + std::string(kHardFailedIn) + " ORDER BY address";
    Query query(state_->database, sql, range.provider, range.begin, range.end, range.domain);
    return addresses(query);
  });
}

Result<KnownGoodBuckets> Batch::known_good(const ProviderDomain& place) {
  return state_->within([&] { return load_known_good(state_->database, place); });
}

Result<std::vector<std::string>> Batch::known_good_failed(std::string_view provider) {
  return state_->within([&] { return suppressd::known_good_failed(state_->database, provider); });
}

Status Batch::add_known_good(const std::map<ProviderDomain, KnownGoodBuckets>& counts) {
  if (counts.empty()) return {};
  return state_->within([&] {
    suppressd::add_known_good(state_->database, counts);
    state_->learning_changed = true;
  });
}

Status Batch::forget_known_good(Time before) {
  return state_->within([&] { suppressd::forget_known_good(state_->database, before); });
}

Result<Time> Batch::known_good_since() {
  return state_->within([&] { return suppressd::known_good_since(state_->database); });
}

Result<std::vector<Incident>> Batch::incidents() {
  return state_->within([&] { return load_incidents(state_->database); });
}

Result<std::int64_t> Batch::save(const Incident& incident) {
  return state_->within([&] {
    state_->learning_changed = true;
    return save_incident(state_->database, incident);
  });
}

Status Batch::remove_incident(std::int64_t id) {
  return state_->within([&] {
    state_->learning_changed = true;
    suppressd::remove_incident(state_->database, id);
  });
}

Result<std::vector<Incident>> Batch::own_incidents() {
  return state_->within([&] { return load_own_incidents(state_->database); });
}

Result<std::vector<LocalAttemptRow>> Batch::local_attempts() {
  return state_->within([&] { return load_local_attempts(state_->database); });
}

Result<std::vector<SenderSendRow>> Batch::sender_sends() {
  return state_->within([&] { return load_sender_sends(state_->database); });
}

Status Batch::save(const LocalAttemptRow& row) {
  return state_->within([&] {
    state_->learning_changed = true;
    save_local_attempt(state_->database, row);
  });
}

Status Batch::save(const SenderSendRow& row) {
  return state_->within([&] {
    state_->learning_changed = true;
    save_sender_send(state_->database, row);
  });
}

Status Batch::forget_own_counts(std::string_view host, Time before) {
  return state_->within([&] { suppressd::forget_own_counts(state_->database, host, before); });
}

Result<std::vector<std::string>> Batch::failed_in(const OwnRange& range) {
  return state_->within([&] { return suppressd::failed_in(state_->database, range); });
}

Result<std::optional<Time>> Batch::delivered_to(std::string_view domain) {
  return state_->within([&] { return delivered_to_domain(state_->database, domain); });
}

Result<bool> Batch::close_incident(std::int64_t id, Time now, std::string_view actor) {
  return state_->within([&] {
    state_->learning_changed = true;
    return suppressd::close_incident(state_->database, id, now, actor);
  });
}

Result<bool> Batch::mark_incident_read(std::int64_t id) {
  return state_->within([&] { return mark_read(state_->database, id); });
}

Result<std::vector<std::string>> Batch::undone_by(const UndoDetails& undo) {
  return state_->within([&] { return suppressd::undone_by(state_->database, undo); });
}

Result<bool> Batch::is_other_evidence(std::string_view address, std::string_view queue_id) {
  return state_->within([&] { return suppressd::is_other_evidence(state_->database, address, queue_id); });
}

Result<std::vector<Evidence>> Batch::rated_evidence(std::string_view address, Time ended, Time entered,
                                                    std::string_view queue_id) {
  return state_->within(
      [&] { return suppressd::rated_evidence(state_->database, address, ended, entered, queue_id); });
}

Status Batch::set_rate_mark(std::int64_t evidence, RateMark mark) {
  return state_->within([&] { suppressd::set_rate_mark(state_->database, evidence, mark); });
}

Result<std::string> Batch::usual_provider(std::string_view domain) {
  return state_->within([&] { return suppressd::usual_provider(state_->database, domain); });
}

Result<std::string> Batch::provider_of_entry(std::string_view address) {
  return state_->within([&] { return suppressd::provider_of_entry(state_->database, address); });
}

Status Batch::add_rates(const RateBuckets& counts, Time days_before) {
  if (counts.empty()) return {};
  return state_->within([&] { suppressd::add_rates(state_->database, counts, days_before); });
}

Status Batch::roll_up_rates(Time before) {
  return state_->within([&] { suppressd::roll_up_rates(state_->database, before); });
}

Result<std::optional<Time>> Batch::newest_rate() {
  return state_->within([&] { return suppressd::newest_rate(state_->database); });
}

Result<std::vector<WindowCounts>> Batch::rate_windows(const RateName& place, Time at) {
  return state_->within([&] { return suppressd::rate_windows(state_->database, place, at); });
}

Result<std::vector<Alert>> Batch::open_alerts() {
  return state_->within([&] { return load_open_alerts(state_->database); });
}

Result<std::int64_t> Batch::save(const Alert& alert) {
  return state_->within([&] {
    state_->learning_changed = true;
    return save_alert(state_->database, alert);
  });
}

Status Batch::mark_mailed(std::span<const std::int64_t> alerts) {
  return state_->within([&] {
    for (const auto id : alerts) suppressd::mark_mailed(state_->database, id);
  });
}

Status Batch::save_look(Time at) {
  return state_->within([&] { suppressd::save_look(state_->database, at); });
}

Result<std::vector<DatedSettings>> Batch::policy() {
  return state_->within([&] { return load_policy(state_->database); });
}

Status Batch::save(const DatedSettings& row) {
  return state_->within([&] { save_policy(state_->database, row); });
}

Result<std::vector<ListEvent>> Batch::list_acts() {
  return state_->within([&] { return acts_on_list(state_->database); });
}

Result<std::int64_t> Batch::add_act(const Act& act) {
  return state_->within([&] { return insert_act(state_->database, act); });
}

Status Batch::add_act_on(std::string_view address, std::int64_t number, Time at) {
  return state_->within([&] { insert_act_address(state_->database, address, number, at); });
}

Result<std::optional<Act>> Batch::act(std::int64_t number) {
  return state_->within([&] { return act_of(state_->database, number); });
}

Result<std::vector<std::string>> Batch::addresses_of_act(std::int64_t number) {
  return state_->within([&] { return suppressd::addresses_of_act(state_->database, number); });
}

Result<std::vector<Change>> Batch::changes_of_act(std::int64_t number) {
  static const std::string sql =
      "SELECT " + change_sql().list("a") + " FROM audit AS a WHERE a.number = ?1 ORDER BY a.id DESC";
  return state_->within([&] {
    std::vector<Change> changes;
    Query query(state_->database, sql, number);
    while (query.step()) changes.push_back(read_change(*query));
    return changes;
  });
}

Status Batch::add_change(const Change& change) {
  return state_->within([&] { insert_change(state_->database, change); });
}

Result<bool> Batch::add_exemption(const Exemption& exemption) {
  return state_->within([&] {
    state_->exempting.reset();
    return insert_exemption(state_->database, exemption);
  });
}

Result<bool> Batch::remove_exemption(std::string_view address) {
  return state_->within([&] {
    run(state_->database, "DELETE FROM exemption WHERE address = ?1", address);
    state_->exempting.reset();
    return state_->database.changes() != 0;
  });
}

Result<EvidencePiece> Batch::next_old_evidence(Time oldest, Time now, std::int64_t limit) {
  return state_->within([&] { return suppressd::next_old_evidence(state_->database, oldest, now, limit); });
}

Result<std::vector<Evidence>> Batch::old_evidence_of(std::string_view address, Time oldest) {
  return state_->within([&] { return suppressd::old_evidence_of(state_->database, address, oldest); });
}

Status Batch::expunge_evidence(std::span<const std::int64_t> ids, Time now) {
  return state_->within([&] { suppressd::expunge_evidence(state_->database, ids, now); });
}

Result<bool> Batch::add_waiting(const Outcome& outcome) {
  return state_->within([&] { return insert_waiting(state_->database, outcome); });
}

Result<std::vector<Outcome>> Batch::take_waiting(Time until, std::int64_t limit) {
  return state_->within([&] { return suppressd::take_waiting(state_->database, until, limit); });
}

Status Batch::index_delivery(const Outcome& delivery) {
  if (delivery.message_id.empty()) return {};
  return state_->within([&] { insert_delivery(state_->database, delivery); });
}

Result<std::vector<Outcome>> Batch::deliveries_of_message(std::string_view message,
                                                          std::string_view address) {
  return state_->within([&] { return suppressd::deliveries_of_message(state_->database, message, address); });
}

Status Batch::add_gap(const Gap& gap) {
  return state_->within([&] { insert_gap(state_->database, gap); });
}

Status Batch::add_unproven(const Unproven& report) {
  return state_->within([&] { insert_unproven(state_->database, report); });
}

Status Batch::add_line_counts(Time day, const LineCounts& counts) {
  return state_->within([&] {
    run(state_->database,
        "INSERT INTO line_count(day, understood, ignored, not_understood)"
        " VALUES (strftime('%Y-%m-%d', ?1, 'unixepoch'), ?2, ?3, ?4) ON CONFLICT (day) DO UPDATE SET"
        " understood = understood + excluded.understood, ignored = ignored + excluded.ignored,"
        " not_understood = not_understood + excluded.not_understood",
        day, counts.understood, counts.ignored, counts.not_understood);
  });
}

Status Batch::add_line_samples(const std::vector<LineSample>& samples) {
  if (samples.empty()) return {};
  return state_->within([&] {
    for (const auto& sample : samples)
      run(state_->database, "INSERT INTO line_sample(at, line) VALUES (?1, ?2)", sample.at, sample.line);
    run(state_->database, "DELETE FROM line_sample WHERE id <= ?1",
        state_->database.last_insert_id() - kLineSamples);
  });
}

Status Batch::bound(std::vector<TagNote>& notes, std::uint64_t dropped, Time now) {
  return state_->within([&] {
    for (auto& note : notes) {
      bound_tags(state_->database, note.tags, now);
      name_bringers(state_->database, note, now);
    }
    count_lost_tags(state_->database, dropped);
  });
}

Status Batch::bound(Tags& tags, Time now) {
  return state_->within([&] { bound_tags(state_->database, tags, now); });
}

Result<std::optional<TagGap>> Batch::open_tags(Time now) {
  return state_->within([&] { return suppressd::open_tags(state_->database, now); });
}

Status Batch::note_tags_open(Time newest) {
  return state_->within([&] { suppressd::note_tags_open(state_->database, newest); });
}

Status Batch::close_tags() {
  return state_->within([&] { suppressd::close_tags(state_->database); });
}

Result<std::optional<TagGap>> Batch::tag_gap() {
  return state_->within([&] { return suppressd::tag_gap(state_->database); });
}

Result<bool> Batch::admit_sender_domain(std::string_view domain, Time day) {
  return state_->within([&] { return suppressd::admit_sender_domain(state_->database, domain, day); });
}

Status Batch::forget_tag_values(Time time) {
  return state_->within([&] {
    suppressd::forget_tag_values(state_->database, time);
    forget_bringers(state_->database, time);
  });
}

Result<std::vector<Probe>> Batch::probes() {
  return state_->within([&] { return load_probes(state_->database); });
}

Status Batch::save(const Probe& probe) {
  return state_->within([&] { save_probe(state_->database, probe); });
}

Status Batch::save(const SpamRate& rate, Time now) {
  return state_->within([&] { save_spam_rate(state_->database, rate, now); });
}

Status Batch::remove_probe(std::string_view address) {
  return state_->within([&] { suppressd::remove_probe(state_->database, address); });
}

Status Batch::remove_unseen_probes(Time time) {
  return state_->within([&] { suppressd::remove_unseen_probes(state_->database, time); });
}

Status Batch::add_refusals(const std::vector<Refusal>& refusals, std::uint64_t dropped) {
  return state_->within([&] { insert_refusals(state_->database, refusals, dropped); });
}

Result<Cursor> Batch::save_cursor(Cursor cursor) {
  return state_->within([&] { return write_cursor(state_->database, std::move(cursor)); });
}

Result<bool> Batch::is_overtaken(const Cursor& cursor) {
  return state_->within([&] { return suppressd::is_overtaken(state_->database, cursor); });
}

Status Batch::save(const TrackerChanges& changes) {
  if (changes.empty()) return {};
  return state_->within([&] {
    save_messages(state_->database, changes);
    state_->learning_changed = true;
  });
}

Status Batch::save(const Brake::Changes& changes) {
  if (changes.written.empty() && changes.removed.empty()) return {};
  return state_->within([&] {
    save_traffic(state_->database, changes);
    state_->learning_changed = true;
  });
}

}  // namespace suppressd
