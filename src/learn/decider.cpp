#include "suppressd/learn/decider.h"

#include <algorithm>
#include <utility>

namespace suppressd {
namespace {

constexpr std::string_view kProgram = "suppressd";

ChangeCause cause_of(ListEventKind event, Time at, std::int64_t evidence_id = 0) {
  return {.event = event, .at = at, .actor = std::string(kProgram), .note = {}, .evidence_id = evidence_id};
}

/// The kind of event that is named where an outcome is two.
ListEventKind event_kind(const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::complaint) return ListEventKind::complaint;
  return outcome.returned ? ListEventKind::take_back : ListEventKind::failure;
}

}  // namespace

Decider::Decider(const LearnSettings& settings)
    : settings_(settings),
      fold_{.policy = settings.policy, .report_window = settings.report_window},
      brake_(settings.hard_burst) {}

Status Decider::begin(Ledger& ledger, Batch& batch) {
  changes_.clear();
  counters_ = {};
  auto acts = batch.list_acts();
  if (!acts) return acts.error();
  list_acts_ = std::move(*acts);
  if (loaded_ && !batch.must_load()) return {};
  auto traffic = ledger.traffic();
  if (!traffic) return traffic.error();
  brake_.load(*traffic);
  loaded_ = true;
  return {};
}

Status Decider::end(Batch& batch) {
  if (auto written = write_gathered(batch); !written) return written;
  return batch.save(brake_.take_changes());
}

void Decider::forget() {
  loaded_ = false;
  changes_.clear();
  counters_ = {};
}

Status Decider::take(Batch& batch, const Outcome& outcome) {
  switch (outcome.kind) {
    case OutcomeKind::relayed:
      return {};
    case OutcomeKind::delivered:
      return take_delivery(batch, outcome);
    case OutcomeKind::failed:
    case OutcomeKind::complaint:
      return take_failure(batch, outcome);
  }
  return {};
}

// Of most addresses nothing but deliveries is known: the store gathers them.
Status Decider::take_delivery(Batch& batch, const Outcome& outcome) {
  ++counters_.delivered;
  const auto exempt = batch.exempt_since(outcome.address);
  if (!exempt) return exempt.error();
  if (*exempt && outcome.at >= **exempt) return {};
  if (settings_.report_index)
    if (auto indexed = batch.index_delivery(outcome); !indexed) return indexed;
  batch.gather(outcome.address,
               {.ended = outcome.at, .kind = ListEventKind::delivery, .message = outcome.message});
  return batch.gathered_enough() ? write_gathered(batch) : Status{};
}

Status Decider::write_gathered(Batch& batch) {
  auto others = batch.write_gathered();
  if (!others) return others.error();
  for (const auto& [address, deliveries] : *others) {
    auto record = batch.record(address);
    if (!record) return record.error();
    if (auto taken = take_deliveries(batch, **record, deliveries); !taken) return taken;
  }
  return {};
}

Status Decider::take_deliveries(Batch& batch, AddressRecord& record, std::span<const EventId> deliveries) {
  for (const auto& delivery : deliveries) {
    const auto taken = record.events.take({.id = delivery, .details = {}});
    if (taken.what == KeptEvents::Taken::What::known) continue;
    if (auto folded = refold(batch, record, cause_of(ListEventKind::delivery, delivery.ended)); !folded)
      return folded;
  }
  return {};
}

// With the deliveries that came before.
Result<AddressRecord*> Decider::load(Batch& batch, std::string_view address) {
  auto record = batch.record(address);
  if (!record) return record;
  if (auto taken = take_deliveries(batch, **record, batch.take_gathered(address)); !taken)
    return taken.error();
  return record;
}

Status Decider::take_failure(Batch& batch, const Outcome& outcome) {
  auto found = load(batch, outcome.address);
  if (!found) return found.error();
  auto& record = **found;
  if (record.exempt_since && outcome.at >= *record.exempt_since) return {};
  if (outcome.kind == OutcomeKind::failed) ++counters_.failed;
  return take_events(batch, record, outcome);
}

Status Decider::take_events(Batch& batch, AddressRecord& record, const Outcome& outcome) {
  // An event keeps the judgement it was first stored with.
  const auto known = batch.stored(outcome);
  if (!known) return known.error();
  auto events = events_of(*known ? (**known).outcome : outcome);
  if (outcome.ended_by == EndedBy::report) {
    const auto ended = batch.is_end_logged(record.address, outcome.message);
    if (!ended) return ended.error();
    if (*ended) events.clear();
  }
  using What = KeptEvents::Taken::What;
  bool stored = events.empty();
  bool hard = false;
  bool news = false;
  if (outcome.ends_send()) news = record.events.forget_reports(outcome.message);
  for (auto& event : events) {
    const bool is_hard = event.failure() != nullptr && event.failure()->action == Action::hard;
    const auto taken = record.events.take(std::move(event));
    stored = stored || taken.what == What::added || taken.what == What::evidence_only;
    hard = hard || (is_hard && taken.what == What::added);
    news = news || taken.what == What::added || taken.what == What::earlier;
    if (taken.what != What::earlier) continue;
    if (auto moved = batch.move_evidence(record.address, *taken.replaced, *taken.kept); !moved) return moved;
  }
  std::int64_t evidence_id = 0;
  if (*known) {
    evidence_id = (**known).id;
  } else if (stored) {
    const auto added = batch.add_evidence(outcome);
    if (!added) return added.error();
    evidence_id = *added;
  }
  std::vector<PendingRange> held;
  if (hard) {
    held = brake_.count_hard(outcome.reason.provider, outcome.at);
    // What was gathered came before.
    if (!held.empty()) {
      batch.changed(record);
      if (auto written = write_gathered(batch); !written) return written;
      brake_.hold(held);
    }
  }
  if (news) {
    auto again = batch.record(outcome.address);
    if (!again) return again.error();
    const auto cause = cause_of(event_kind(outcome), outcome.at, evidence_id);
    if (auto folded = refold(batch, **again, cause); !folded) return folded;
  }
  for (const auto& bucket : held) {
    const auto addresses = batch.hard_failed(bucket);
    if (!addresses) return addresses.error();
    auto cause = cause_of(ListEventKind::failure, outcome.at);
    cause.pending = true;
    if (auto folded = refold_all(batch, *addresses, cause); !folded) return folded;
  }
  return {};
}

Status Decider::refold_all(Batch& batch, std::span<const std::string> addresses, const ChangeCause& cause) {
  for (const auto& address : addresses) {
    auto record = load(batch, address);
    if (!record) return record.error();
    if (auto folded = refold(batch, **record, cause); !folded) return folded;
  }
  return {};
}

Status Decider::refold(Batch& batch, AddressRecord& record, const ChangeCause& cause) {
  auto changes = apply_state(record, record.events.fold(input()), cause, fold_.policy);
  if (record.events.only_deliveries())
    record.events.drop_old_deliveries();
  else
    record.events.fold_beyond(input());
  batch.changed(record);
  if (changes.empty()) return {};
  if (auto named = name_evidence(batch, record); !named) return named;
  return audit(batch, std::move(changes));
}

// The rows on which new entries rest.
Status Decider::name_evidence(Batch& batch, AddressRecord& record) {
  for (auto& entry : record.entries) {
    if (!entry || entry->evidence_id != 0 || entry->actor != kProgram) continue;
    const auto* folded = record.state.find(entry->kind);
    if (folded == nullptr) continue;
    const auto evidence = batch.evidence_of(record.address, folded->ref);
    if (!evidence) return evidence.error();
    entry->evidence_id = *evidence;
  }
  return {};
}

Status Decider::audit(Batch& batch, std::vector<Change> changes) {
  for (auto& change : changes) {
    if (auto added = batch.add_change(change); !added) return added;
    changes_.push_back(std::move(change));
  }
  return {};
}

}  // namespace suppressd
