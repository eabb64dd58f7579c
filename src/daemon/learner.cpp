#include "suppressd/daemon/learner.h"

#include <utility>

#include "suppressd/core/address.h"
#include "suppressd/core/text.h"
#include "suppressd/mta/dialect.h"
#include "suppressd/mta/log_line.h"

#include "learner_parts.h"

namespace suppressd {
namespace {

constexpr Duration kSweepEvery = std::chrono::hours(24);
constexpr std::size_t kSampleLimit = 1000;
constexpr std::size_t kSamplesABatch = 10;

bool is_ip_address(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos || host.find(':') != std::string_view::npos;
}

}  // namespace

Learner::Parts::Parts(const Config& configuration, const Ruleset& ruleset, Ledger& book, std::function<void(const Change&)> tell)
    : config(configuration),
      rules(&ruleset),
      ledger(book),
      noted(std::move(tell)),
      tracker(configuration.tracker),
      brake(configuration.hard_burst),
      policy(configuration.policy) {
  set_relays();
}

void Learner::Parts::set_relays() {
  peers.clear();
  if (config.local_relays_default) {
    local_relays = RelayList::local_by_default();
  } else if (auto list = RelayList::make(config.local_relays)) {
    local_relays = std::move(*list);
  }
  if (auto list = RelayList::make(config.relays)) relays = std::move(*list);
}

Status Learner::Parts::begin() {
  bool foreign = false;
  if (auto begun = ledger.begin(foreign); !begun) return begun;
  if (loaded && !foreign) return {};
  auto messages = ledger.messages();
  if (!messages) return messages.error();
  auto traffic = ledger.traffic();
  if (!traffic) return traffic.error();
  tracker.load(std::move(*messages));
  brake.load(*traffic);
  loaded = true;
  return {};
}

Status Learner::Parts::save() {
  if (auto saved = ledger.save(tracker.take_changes()); !saved) return saved;
  return ledger.save(brake.take_changes());
}

Peer Learner::Parts::peer_of(const Relay& relay) const {
  Peer peer{.handed_over = local_relays.contains(relay), .relayed = relays.contains(relay), .operator_domain = {}};
  const bool own_host = peer.handed_over || peer.relayed || relay.host.empty() || is_ip_address(relay.host);
  if (!own_host) peer.operator_domain = registrable_domain(relay.host);
  return peer;
}

void Learner::Parts::take_attempt(Tracker::AttemptFacts& facts) {
  ++counters.attempts;
  const auto& peer = peers.of(event.relay.text, [&] { return peer_of(event.relay); });
  facts.handed_over = peer.handed_over;
  facts.relayed = peer.relayed;
  targets.resize(event.recipients.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    auto address = canonical_address(event.recipients[i]);
    targets[i].address = address ? std::move(*address) : std::string{};
    if (targets[i].address.empty()) continue;
    const auto domain = domain_of(targets[i].address);
    targets[i].operator_domain =
        peer.operator_domain.empty() ? operators.of(domain, [&] { return registrable_domain(domain); }) : peer.operator_domain;
    if (!facts.handed_over) brake.count_attempt(targets[i].operator_domain, event.at);
  }
  if (event.status == AttemptStatus::sent || facts.handed_over) return;
  facts.our_echo = is_our_refusal(event.reply.text);
  if (facts.our_echo) return;
  Failure failure;
  failure.reply = event.reply;
  failure.logged_status = event.logged_status;
  failure.temporary = event.status == AttemptStatus::deferred;
  if (!targets.empty()) failure.operator_domain = targets.front().operator_domain;
  facts.judgement = rules->classify(failure);
}

// False: the message came back already, and the report was faster than the log.
Result<bool> Learner::Parts::is_delivery(const Outcome& outcome, const AddressRecord& record) {
  const auto& evidence = outcome.evidence;
  const bool changes_something = matters(record, evidence.at);
  if (changes_something) {
    auto failed = ledger.knows(evidence.address, "failed", evidence.queue_id, evidence.entered.value_or(evidence.at));
    if (!failed) return failed;
    if (*failed) return false;
  }
  if (changes_something || config.report_index) {
    if (auto added = ledger.add_delivery(delivery_of(outcome, record)); !added) return added.error();
  }
  return true;
}

Status Learner::Parts::keep(PolicyResult& result, AddressRecord& record, std::int64_t evidence_id) {
  for (const auto kind : result.rests_on) record.entry(kind)->evidence_id = evidence_id;
  for (auto& change : result.changes) {
    change.evidence_id = evidence_id;
    if (auto added = ledger.add_change(change); !added) return added;
    changes.push_back(std::move(change));
  }
  if (result.record_changed) ledger.changed(record);
  return {};
}

Status Learner::Parts::settle(Outcome& outcome) {
  auto found = ledger.record(outcome.evidence.address);
  if (!found) return found.error();
  auto& record = **found;
  if (outcome.kind == Outcome::Kind::delivered) {
    auto delivered = is_delivery(outcome, record);
    if (!delivered) return delivered.error();
    if (!*delivered) return {};
  }
  ++(outcome.kind == Outcome::Kind::failed ? counters.failed : counters.delivered);
  auto result = policy.apply(outcome, record, brake);
  std::int64_t evidence_id = 0;
  if (result.evidence_kept) {
    auto stored = ledger.add_evidence(outcome.evidence);
    if (!stored) return stored.error();
    evidence_id = *stored;
  }
  return keep(result, record, evidence_id);
}

void Learner::Parts::count(Understood understood, const LogEntry& entry) {
  switch (understood) {
    case Understood::event:
      ++counters.events;
      ++lines.understood;
      break;
    case Understood::teaches_nothing:
      ++counters.ignored;
      ++lines.ignored;
      break;
    case Understood::not_understood:
      ++counters.not_understood;
      ++lines.not_understood;
      if (samples.size() < kSamplesABatch) {
        samples.push_back({entry.at, clean(std::string(entry.tag) + ": " + std::string(entry.message), kSampleLimit)});
      }
      break;
  }
}

Status Learner::Parts::take_entry(const LogEntry& entry, Cursor& cursor) {
  if (!cursor.swept) cursor.swept = entry.at;
  if (entry.at - *cursor.swept >= kSweepEvery) {
    tracker.sweep(entry.at);
    brake.sweep(entry.at);
    cursor.swept = entry.at;
  }
  const auto understood = parse_entry(entry, event, config.mta_dialect);
  count(understood, entry);
  if (understood != Understood::event) return {};
  Tracker::AttemptFacts facts;
  targets.clear();
  if (event.kind == EventKind::attempt) take_attempt(facts);
  outcomes.clear();
  tracker.take(event, facts, targets, outcomes);
  for (auto& outcome : outcomes)
    if (auto settled = settle(outcome); !settled) return settled;
  return {};
}

Result<Cursor> Learner::Parts::take_batch(const Source::Batch& batch) {
  lines = {};
  samples.clear();
  if (!reached) {
    changes.clear();
    if (auto begun = begin(); !begun) return begun.error();
  }
  Cursor cursor = batch.cursor;
  if (cursor.zone.empty()) cursor.zone = config.source_timezone;
  auto clock = LineClock::make(cursor.zone, batch.reference, cursor.last_time);
  if (!clock) return clock.error();
  LogLineReader reader(std::move(*clock));
  for (const auto& record : batch.records) {
    ++counters.lines;
    if (record.structured) {
      if (auto taken = take_entry(record.entry, cursor); !taken) return taken.error();
      cursor.last_time = record.entry.at;
    } else if (const auto entry = reader.read(record.line)) {
      if (auto taken = take_entry(*entry, cursor); !taken) return taken.error();
    } else {
      ++counters.ignored;
      ++lines.ignored;
    }
  }
  if (const auto last = reader.clock().last_time()) cursor.last_time = last;
  for (const auto& gap : batch.gaps)
    if (auto added = ledger.add_gap(gap); !added) return added.error();
  if (!batch.records.empty()) {
    if (auto added = ledger.add_line_counts(cursor.last_time.value_or(batch.reference), lines); !added) return added.error();
    if (auto added = ledger.add_line_samples(samples); !added) return added.error();
  }
  reached = cursor;
  return cursor;
}

Result<Cursor> Learner::Parts::commit_batches() {
  Cursor cursor = *std::exchange(reached, std::nullopt);
  if (auto saved = save(); !saved) return saved.error();
  auto id = ledger.save_cursor(cursor);
  if (!id) return id.error();
  cursor.id = *id;
  if (auto committed = ledger.commit(); !committed) return committed.error();
  return cursor;
}

// What was not committed is forgotten, and the state in memory with it.
template <typename Answer>
Answer Learner::Parts::or_undo(Answer answer) {
  if (answer) return answer;
  ledger.rollback();
  loaded = false;
  reached.reset();
  return answer;
}

// What was committed is told.
template <typename Answer>
Answer Learner::Parts::finish(Answer answer) {
  if (!answer) return or_undo(std::move(answer));
  for (const auto& change : changes) {
    if (change.act == "suppressed" || change.act == "confirmed" || change.act == "restored") ++counters.suppressed;
    if (change.act == "pending") ++counters.pending;
    if (change.act == "lifted" || change.act == "dropped") ++counters.lifted;
    if (noted) noted(change);
  }
  return answer;
}

Learner::Learner(const Config& config, const Ruleset& rules, Ledger& ledger, std::function<void(const Change&)> noted)
    : parts_(std::make_unique<Parts>(config, rules, ledger, std::move(noted))) {}

Learner::~Learner() = default;

Result<Cursor> Learner::take(const Source::Batch& batch) {
  return parts_->or_undo(parts_->take_batch(batch));
}

Result<Cursor> Learner::commit() {
  return parts_->finish(parts_->commit_batches());
}

Result<Cursor> Learner::learn(const Source::Batch& batch) {
  if (auto taken = take(batch); !taken) return taken;
  return commit();
}

Result<std::vector<ReportFinding>> Learner::learn(const CollectedMail& mail, const TraceKeys& keys) {
  parts_->changes.clear();
  return parts_->finish(parts_->take_report(mail, keys));
}

Status Learner::note(const std::vector<Refusal>& refusals, std::uint64_t dropped) {
  bool foreign = false;
  if (auto begun = parts_->ledger.begin(foreign); !begun) return begun;
  if (foreign) parts_->loaded = false;
  auto added = parts_->ledger.add_refusals(refusals, dropped);
  if (!added) {
    parts_->ledger.rollback();
    return added;
  }
  return parts_->ledger.commit();
}

void Learner::use(const Config& config, const Ruleset& rules) {
  auto& parts = *parts_;
  parts.config = config;
  parts.rules = &rules;
  parts.policy = Policy{config.policy};
  parts.tracker = Tracker{config.tracker};
  parts.brake = Brake{config.hard_burst};
  parts.loaded = false;
  parts.set_relays();
}

const LearnerCounters& Learner::counters() const {
  return parts_->counters;
}

}  // namespace suppressd
