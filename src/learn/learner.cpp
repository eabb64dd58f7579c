#include "suppressd/learn/learner.h"

#include <algorithm>
#include <utility>

#include "learner_parts.h"

namespace suppressd {

Learner::Parts::Parts(const LearnSettings& configuration, const Ruleset& ruleset, Ledger& book,
                      std::function<void(const Change&)> tell)
    : config(configuration),
      rules(&ruleset),
      ledger(book),
      noted(std::move(tell)),
      reader(configuration, ruleset),
      brake(configuration.hard_burst),
      policy(configuration.policy) {}

Status Learner::Parts::begin() {
  bool foreign = false;
  if (auto begun = ledger.begin(foreign); !begun) return begun;
  if (loaded && !foreign) return {};
  auto messages = ledger.messages();
  if (!messages) return messages.error();
  auto traffic = ledger.traffic();
  if (!traffic) return traffic.error();
  reader.load(std::move(*messages));
  brake.load(*traffic);
  loaded = true;
  return {};
}

// False: a report was faster than the log and has said that this message came back. A failure that the log
// told is no reason: what was deferred for days, and was counted, can still be delivered.
Result<bool> Learner::Parts::is_delivery(const Outcome& outcome, const AddressRecord& record) {
  const auto& evidence = outcome.evidence;
  const bool changes_something = matters(record, evidence.at);
  if (changes_something) {
    const MessageKey message{evidence.host, evidence.instance, evidence.queue_id,
                             evidence.entered.value_or(evidence.at)};
    const auto failures = ledger.evidence_about(message, evidence.address, "failed");
    if (!failures) return failures.error();
    const auto came_back = [](const Evidence& one) {
      return one.origin == "report" && tells_of_failed_delivery(one.category);
    };
    if (std::ranges::any_of(*failures, came_back)) return false;
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
    if (change.act == "suppressed" || change.act == "confirmed" || change.act == "restored")
      ++acts.suppressed;
    if (change.act == "pending") ++acts.pending;
    if (change.act == "lifted" || change.act == "dropped") ++acts.lifted;
    if (noted) changes.push_back(std::move(change));
  }
  if (result.record_changed) ledger.changed(record);
  return {};
}

Status Learner::Parts::settle(const Outcome& outcome) {
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

Status Learner::Parts::take(const Lesson& taught) {
  for (Lesson::Reader step(taught); step.next();) {
    switch (step.kind()) {
      case Lesson::Kind::attempt:
        brake.count_attempt(step.provider(), step.at());
        break;
      case Lesson::Kind::outcome:
        if (auto settled = settle(step.outcome()); !settled) return settled;
        break;
      case Lesson::Kind::sweep:
        brake.sweep(step.at());
        break;
    }
  }
  for (const auto& gap : taught.gaps)
    if (auto added = ledger.add_gap(gap); !added) return added;
  if (taught.records > 0) {
    if (auto added = ledger.add_line_counts(taught.day, taught.lines); !added) return added;
    if (auto added = ledger.add_line_samples(taught.samples); !added) return added;
  }
  counters.lines += taught.records;
  counters.events += static_cast<std::uint64_t>(taught.lines.understood);
  counters.ignored += static_cast<std::uint64_t>(taught.lines.ignored);
  counters.not_understood += static_cast<std::uint64_t>(taught.lines.not_understood);
  counters.attempts += taught.attempts;
  counters.delivered += static_cast<std::uint64_t>(taught.deliveries);
  return {};
}

Result<bool> Learner::Parts::begin_taking(const Cursor& from) {
  forget_changes();
  if (auto begun = begin(); !begun) return begun.error();
  const auto overtaken = ledger.is_overtaken(from);
  if (!overtaken) return overtaken.error();
  taking = !*overtaken;
  if (!taking) undo();
  return taking;
}

Result<bool> Learner::Parts::take(const Source::Batch& batch) {
  if (!taking) {
    auto begun = begin_taking(batch.cursor);
    if (!begun || !*begun) return begun;
  }
  if (auto read = reader.read(batch, lesson); !read) return read.error();
  if (auto taken = take(lesson); !taken) return taken.error();
  return true;
}

Status Learner::Parts::commit(const PackedChanges& tracked, Cursor& cursor) {
  taking = false;
  const auto save = [this](const TrackerChanges& piece) { return ledger.save(piece); };
  if (auto saved = tracked.each_piece(save); !saved) return saved;
  if (auto saved = ledger.save(brake.take_changes()); !saved) return saved;
  auto stored = ledger.save_cursor(std::move(cursor));
  if (!stored) return stored.error();
  cursor = std::move(*stored);
  return ledger.commit();
}

Result<Cursor> Learner::Parts::commit() {
  Cursor cursor = lesson.cursor;
  if (auto committed = commit(reader.take_changes(), cursor); !committed) return committed.error();
  return cursor;
}

void Learner::Parts::undo() {
  ledger.rollback();
  loaded = false;
  taking = false;
}

Learner::Learner(const LearnSettings& config, const Ruleset& rules, Ledger& ledger,
                 std::function<void(const Change&)> noted)
    : parts_(std::make_unique<Parts>(config, rules, ledger, std::move(noted))) {}

Learner::~Learner() = default;

Result<std::optional<Cursor>> Learner::learn(const Source::Batch& batch) {
  auto taken = parts_->or_undo(parts_->take(batch));
  if (!taken) return taken.error();
  if (!*taken) return std::optional<Cursor>{};
  auto cursor = parts_->finish(parts_->commit());
  if (!cursor) return cursor.error();
  return std::optional{std::move(*cursor)};
}

Result<std::vector<ReportFinding>> Learner::learn(const CollectedMail& mail, const TraceKeys& keys) {
  parts_->forget_changes();
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

void Learner::use(const LearnSettings& config, const Ruleset& rules) {
  auto& parts = *parts_;
  parts.config = config;
  parts.rules = &rules;
  parts.policy = Policy{config.policy};
  parts.reader = LogReader{config, rules};
  parts.brake = Brake{config.hard_burst};
  parts.loaded = false;
}

const LearnerCounters& Learner::counters() const {
  return parts_->counters;
}

}  // namespace suppressd
