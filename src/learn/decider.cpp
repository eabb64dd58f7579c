#include "suppressd/learn/decider.h"

#include <algorithm>
#include <utility>

#include "suppressd/core/rate_mark.h"
#include "suppressd/core/scope.h"

namespace suppressd {
namespace {

ChangeCause cause_of(ListEventKind event, Time at, std::int64_t evidence_id = 0) {
  return {.event = event, .at = at, .actor = std::string(kProgram), .note = {}, .evidence_id = evidence_id};
}

FoldSettings keys_of(const LearnSettings& settings) {
  return {.policy = settings.policy, .report_window = settings.report_window};
}

bool is_hard(const ListEvent& event) {
  return event.failure() != nullptr && event.failure()->action == Action::hard;
}

constexpr std::int64_t kControlGroup = 50;      // known-good sends within an hour
constexpr std::int64_t kControlGroupFails = 5;  // of which a fifth may not fail hard itself

bool is_control_group(const KnownGoodCounts& counts) {
  return counts.sends >= kControlGroup && (counts.failed + counts.again) * kControlGroupFails < counts.sends;
}

// Taken back or not.
std::optional<Time> newest_delivery(const AddressRecord& record, Time before = Time::max()) {
  std::optional<Time> newest;
  const auto see = [&](const EventId& event) {
    if (event.ended < before && (!newest || *newest < event.ended)) newest = event.ended;
  };
  if (const auto& checkpoint = record.events.checkpoint(); checkpoint && checkpoint->state.delivery)
    see(*checkpoint->state.delivery);
  for (const auto& event : record.events.events())
    if (event.id.kind == ListEventKind::delivery) see(event.id);
  return newest;
}

// In [since, at], without the one of `at` that is not kept yet.
HardFailures hard_failures(const AddressRecord& record, Time since, Time at) {
  HardFailures failures;
  for (const auto& event : record.events.events())
    if (is_hard(event) && event.id.ended >= since && event.id.ended <= at) failures.add(event.id.ended);
  return failures;
}

/// The kind of event that is the cause in the audit; a report may be two events.
ListEventKind event_kind(const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::complaint) return ListEventKind::complaint;
  return outcome.returned ? ListEventKind::take_back : ListEventKind::failure;
}

}  // namespace

Decider::Decider(const LearnSettings& settings)
    : settings_(settings), keys_(keys_of(settings)), brake_(settings.hard_burst) {}

Status Decider::begin(Ledger& ledger, Batch& batch) {
  changes_.clear();
  counters_ = {};
  known_domains_.clear();
  const bool first = !seen_ || batch.must_load();
  if (!first && *seen_ == batch.data_version()) return {};
  auto acts = batch.list_acts();
  if (!acts) return acts.error();
  list_acts_ = std::move(*acts);
  auto keys = batch.policy();
  if (!keys) return keys.error();
  keys_stored_ = !keys->empty();
  keys_ = keys->empty() ? SettingsHistory(keys_of(settings_)) : SettingsHistory(std::move(*keys));
  auto failing = batch.failing_domains();
  if (!failing) return failing.error();
  failing_domains_ = {failing->begin(), failing->end()};
  if (first) {
    auto traffic = ledger.traffic();
    if (!traffic) return traffic.error();
    brake_.load(*traffic);
    if (auto loaded = incidents_.load(batch); !loaded) return loaded;
    if (auto loaded = own_.load(batch); !loaded) return loaded;
    if (auto loaded = rates_.load(batch); !loaded) return loaded;
  }
  seen_ = batch.data_version();
  return {};
}

bool Decider::other_keys() const {
  return keys_.newest() != keys_of(settings_);
}

Status Decider::set_keys(Batch& batch, Time now) {
  if (!std::exchange(keys_stored_, true))
    return batch.save(DatedSettings{.since = Time{}, .settings = keys_of(settings_)});
  if (!settings_.sets_policy) return {};
  const auto changed = keys_.set(keys_of(settings_), now);
  return changed ? batch.save(*changed) : Status{};
}

Status Decider::end(Batch& batch) {
  if (auto written = write_gathered(batch); !written) return written;
  const auto changed = incidents_.end(batch, settings_.incidents);
  if (!changed) return changed.error();
  if (auto folded = refold_held(batch, *changed, HeldBy::incident, {}); !folded) return folded;
  if (auto judged = judge_own(batch, {}); !judged) return judged;
  if (auto saved = own_.save(batch); !saved) return saved;
  if (auto ended = rates_.end(batch); !ended) return ended;
  if (auto saved = save_domains(batch); !saved) return saved;
  return batch.save(brake_.take_changes());
}

void Decider::sweep(Time now) {
  brake_.sweep(now);
  incidents_.sweep(now);
}

void Decider::forget() {
  seen_.reset();
  incidents_.forget();
  own_.forget();
  rates_.forget();
  domains_.clear();
  changes_.clear();
  counters_ = {};
}

Status Decider::take(Batch& batch, const Outcome& outcome) {
  const bool ended = outcome.origin == Origin::log && outcome.ended_by != EndedBy::window;
  if (outcome.origin == Origin::log)
    if (auto come = come_to(batch, outcome.message.host, outcome.at); !come) return come;
  if (ended) brake_.count_send(outcome.reason.provider, outcome.at);
  rates_.see(outcome.at);
  switch (outcome.kind) {
    case OutcomeKind::relayed:
      return take_relayed(batch, outcome);
    case OutcomeKind::delivered:
      return take_delivery(batch, outcome);
    case OutcomeKind::failed:
    case OutcomeKind::complaint:
      return take_failure(batch, outcome);
  }
  return {};
}

// A smart host has it: nothing is learned of the address.
Status Decider::take_relayed(Batch& batch, const Outcome& outcome) {
  const auto exempt = batch.exempt_since(outcome.address);
  if (!exempt) return exempt.error();
  if (*exempt && outcome.at >= **exempt) return {};
  const auto sender_domain = rates_.sender_domain(batch, outcome.sender, outcome.message.entered);
  if (!sender_domain) return sender_domain.error();
  rates_.tally().add(*sender_domain, outcome.reason.provider, outcome.tags, outcome.message.entered,
                     kRelayed);
  return rates_.relieve(batch);
}

// Most addresses have only deliveries: the store gathers these.
Status Decider::take_delivery(Batch& batch, const Outcome& outcome) {
  ++counters_.delivered;
  const auto exempt = batch.exempt_since(outcome.address);
  if (!exempt) return exempt.error();
  const bool is_exempt = *exempt && outcome.at >= **exempt;
  if (auto seen = see_delivery(batch, outcome, !is_exempt); !seen) return seen;
  if (is_exempt) return {};
  count_delivery(outcome);
  if (settings_.report_index)
    if (auto indexed = batch.index_delivery(outcome); !indexed) return indexed;
  const auto sender_domain = rates_.sender_domain(batch, outcome.sender, outcome.message.entered);
  if (!sender_domain) return sender_domain.error();
  batch.gather(outcome.address,
               {.ended = outcome.at, .kind = ListEventKind::delivery, .message = outcome.message},
               outcome.reason.provider, *sender_domain, outcome.tags);
  return batch.gathered_enough() ? write_gathered(batch) : Status{};
}

Status Decider::write_gathered(Batch& batch) {
  std::vector<GatheredDelivery> known_before;
  auto others = batch.write_gathered({.known_good = incidents_.tally(),
                                      .rates = rates_.tally(),
                                      .domains = domains_,
                                      .known_before = &known_before},
                                     settings_.remember_deliveries);
  if (!others) return others.error();
  for (const auto& delivery : known_before) forget_delivery(delivery);
  for (const auto& [address, deliveries] : *others) {
    auto record = batch.record(address);
    if (!record) return record.error();
    if (auto taken = take_deliveries(batch, **record, deliveries); !taken) return taken;
  }
  return rates_.relieve(batch);
}

Status Decider::take_deliveries(Batch& batch, AddressRecord& record,
                                std::span<const GatheredDelivery> deliveries) {
  for (const auto& gathered : deliveries) {
    const auto& [delivery, provider, sender_domain, tags] = gathered;
    const auto newest = newest_delivery(record);
    incidents_.tally().add_delivery(provider, domain_of(record.address), delivery.ended, newest);
    if (newest && delivery.ended <= *newest)
      domains_.forget_delivery(domain_of(record.address), delivery.ended);
    const bool counts = is_new_delivery(record.events, delivery);
    const auto taken = record.events.take({.id = delivery, .details = {}});
    if (taken != KeptEvents::Taken::added || !counts) forget_delivery(gathered);
    if (taken == KeptEvents::Taken::known) continue;
    if (taken == KeptEvents::Taken::added && counts)
      rates_.tally().add(sender_domain, provider, *tags, delivery.message.entered, kDelivered);
    if (auto folded = refold(batch, record, cause_of(ListEventKind::delivery, delivery.ended)); !folded)
      return folded;
  }
  return {};
}

// The record, after the deliveries to it that were gathered before.
Result<AddressRecord*> Decider::load(Batch& batch, std::string_view address) {
  if (is_whole_domain(address)) return load_domain(batch, address);
  auto record = batch.record(address);
  if (!record) return record;
  const auto gathered = batch.take_gathered(address);
  if (!settings_.remember_deliveries && !(**record).is_known()) {
    for (const auto& delivery : gathered)
      rates_.tally().add(delivery.sender_domain, delivery.provider, *delivery.tags,
                         delivery.id.message.entered, kDelivered);
    return record;
  }
  if (auto taken = take_deliveries(batch, **record, gathered); !taken) return taken.error();
  return record;
}

Status Decider::take_failure(Batch& batch, const Outcome& outcome) {
  auto found = load(batch, outcome.address);
  if (!found) return found.error();
  auto& record = **found;
  if (record.exempt_since && outcome.at >= *record.exempt_since) return {};
  if (outcome.kind == OutcomeKind::failed) ++counters_.failed;
  unmarked_ = false;
  if (auto taken = take_events(batch, record, outcome); !taken || !unmarked_) return taken;
  const auto folded = batch.record(outcome.address);
  if (!folded) return folded.error();
  return mark_again(batch, **folded, outcome.message.queue_id,
                    rate_day(outcome.message.entered - kTraceApart));
}

Status Decider::take_events(Batch& batch, AddressRecord& record, const Outcome& outcome) {
  const auto known = batch.stored(outcome);
  if (!known) return known.error();
  const auto& stored = known->reading;
  Evidence evidence{.id = stored ? stored->id : 0,
                    .outcome = stored ? merge_readings(stored->outcome, outcome) : outcome};
  if (stored && evidence.outcome == stored->outcome) return {};  // read again
  auto against_domain = against(batch, record, evidence.outcome, stored);
  if (!against_domain) return against_domain.error();
  evidence.against = std::move(*against_domain);
  evidence.scope = scope_of_complaint(evidence.outcome, stored);
  auto events = events_of(evidence, record.address, needs_reply(list_acts_, evidence.outcome.at));
  const auto before_events = stored ? events_of(*stored, record.address) : std::vector<ListEvent>{};
  if (record.events.crosses_checkpoint(before_events, events)) return {};
  const bool known_good = !stored && outcome.ends_send() && count_ended(record, outcome);
  if (auto rated = rate(batch, record, stored, evidence, known_good); !rated) return rated;
  const auto saved = batch.save(evidence);
  if (!saved) return saved.error();
  evidence.id = *saved;
  if (!stored && outcome.kind == OutcomeKind::failed && outcome.origin == Origin::log) {
    count_other_failure(outcome);
    domains_.add_failure(domain_of(record.address), outcome.at);
  }
  bool counts = true;
  if (outcome.ended_by == EndedBy::report) {
    const auto ended = batch.is_end_logged(record.address, outcome.message);
    if (!ended) return ended.error();
    counts = !*ended;
    if (!counts) events.clear();
  }
  using Taken = KeptEvents::Taken;
  bool hard = false;
  bool news = outcome.ends_send() && record.events.forget_reports(outcome.message);
  for (const auto& event : before_events) news = record.events.forget(event.id) || news;
  for (auto& event : events) {
    const bool hard_event = is_hard(event);
    const auto taken = record.events.take(std::move(event));
    hard = hard || (hard_event && taken == Taken::added);
    news = news || taken == Taken::added || taken == Taken::earlier;
  }
  hard = hard && std::ranges::none_of(before_events, is_hard);  // else it was counted before
  const auto cause = cause_of(event_kind(outcome), outcome.at, *saved);
  if (hard) {
    batch.changed(record);
    if (auto folded = fold_hard(batch, outcome, known_good, cause); !folded) return folded;
  } else if (news) {
    if (auto folded = refold(batch, record, cause); !folded) return folded;
  }
  return take_against_domain(batch, evidence, *known, counts, cause);
}

// As it was when the complaint was first read, unless that reading did not know the sender.
std::string Decider::scope_of_complaint(const Outcome& outcome, const std::optional<Evidence>& stored) const {
  if (outcome.kind != OutcomeKind::complaint) return {};
  if (stored && !stored->outcome.sender.empty()) return stored->scope;
  return settings_.complaints_scoped ? scope_of(outcome.sender) : std::string{};
}

bool Decider::count_ended(const AddressRecord& record, const Outcome& outcome) {
  const auto delivered = newest_delivery(record, outcome.at);
  if (!delivered) return false;
  const auto counts =
      known_good_counts(delivered, outcome.at, outcome.reason.judgement.action == Action::hard,
                        hard_failures(record, *delivered, outcome.at));
  if (!counts) return false;
  incidents_.tally().add(outcome.reason.provider, domain_of(record.address), outcome.at, *counts);
  return true;
}

Status Decider::count(Batch& batch, const SoftBounce& bounce) {
  const auto record = load(batch, bounce.address);
  if (!record) return record.error();
  if ((**record).exempt_since && bounce.at >= *(**record).exempt_since) return {};
  const auto delivered = newest_delivery(**record, bounce.at);
  if (!delivered) return {};
  auto counts = known_good_counts(delivered, bounce.at, true, hard_failures(**record, *delivered, bounce.at));
  if (!counts) return {};
  counts->sends = counts->days = 0;  // it has not ended
  incidents_.tally().add(bounce.provider, domain_of(bounce.address), bounce.at, *counts);
  return {};
}

// A hard failure may open an incident at its provider, or make an hour there pending, and so change what is
// said of other addresses. The gathered deliveries came before it, so they are counted and folded first.
Status Decider::fold_hard(Batch& batch, const Outcome& outcome, bool known_good, const ChangeCause& cause) {
  if (settings_.incidents && (known_good || incidents_.any_open(outcome.reason.provider)))
    if (auto judged = judge_incidents(batch, outcome); !judged) return judged;
  if (auto held = hold_hour(batch, outcome); !held) return held;
  const auto record = batch.record(outcome.address);
  if (!record) return record.error();
  auto held = cause;
  const auto& provider = outcome.reason.provider;
  const auto incident = incident_at(incidents_.pending(), provider, domain_of(outcome.address), outcome.at);
  if (incident != nullptr)
    held.held = HeldBy::incident;
  else if (const auto* ours = our_fault_in(outcome); ours != nullptr)
    held.held = ours->provider.empty() ? HeldBy::local : HeldBy::sender;
  else if (range_at(brake_.pending(), provider, {}, outcome.at) != nullptr)
    held.held = HeldBy::brake;
  return refold(batch, **record, held);
}

Status Decider::judge_incidents(Batch& batch, const Outcome& outcome) {
  const auto may_change = incidents_.may_change(batch, outcome.reason.provider);
  if (!may_change) return may_change.error();
  if (!*may_change) return {};
  if (auto written = write_gathered(batch); !written) return written;
  const auto changed = incidents_.judge(batch, outcome.reason.provider);
  if (!changed) return changed.error();
  return refold_held(batch, *changed, HeldBy::incident, outcome.at);
}

Status Decider::hold_hour(Batch& batch, const Outcome& outcome) {
  Status asked;
  const auto control_group = [&](Time begin, Time end) {
    if (!settings_.incidents || !asked) return false;
    auto counts = incidents_.counts(batch, outcome.reason.provider, begin, end);
    if (counts && counts->sends < kControlGroup) {
      asked = write_gathered(batch);
      if (asked) counts = incidents_.counts(batch, outcome.reason.provider, begin, end);
    }
    if (!counts) asked = counts.error();
    return asked && is_control_group(*counts);
  };
  const auto held = brake_.count_hard(outcome.reason.provider, outcome.at, control_group);
  if (!asked) return asked;
  if (held.empty()) return {};
  if (auto written = write_gathered(batch); !written) return written;
  brake_.hold(held);
  return refold_held(batch, held, HeldBy::brake, outcome.at);
}

// Addresses with a hard failure in times that are held now and were not, or are no longer.
Status Decider::refold_held(Batch& batch, std::span<const PendingRange> ranges, HeldBy by,
                            std::optional<Time> at) {
  for (const auto& range : ranges) {
    const auto addresses = batch.hard_failed(range);
    if (!addresses) return addresses.error();
    auto cause = cause_of(ListEventKind::failure, at.value_or(range.end));
    cause.held = by;
    cause.other_times = true;
    if (auto folded = refold_all(batch, *addresses, cause); !folded) return folded;
  }
  return {};
}

Status Decider::refold_all(Batch& batch, std::span<const std::string> addresses, const ChangeCause& cause,
                           const Refolded& refolded) {
  for (const auto& address : addresses) {
    auto record = load(batch, address);
    if (!record) return record.error();
    const auto before = refolded ? (**record).rows() : std::vector<Suppression>{};
    if (auto folded = refold(batch, **record, cause); !folded) return folded;
    if (refolded) refolded(before, (**record).rows());
  }
  return {};
}

Result<std::vector<Change>> Decider::fold(Batch& batch, AddressRecord& record, const ChangeCause& cause) {
  auto changes = apply_state(record, record.events.fold(input(record)), cause, keys_);
  if (record.events.only_deliveries())
    record.events.drop_old_deliveries();
  else
    record.events.fold_beyond(input(record));
  batch.changed(record);
  if (auto marked = mark_excused(batch, record, cause, !changes.empty()); !marked) return marked.error();
  if (is_whole_domain(record.address)) note_failing(record);
  if (!changes.empty())
    if (auto named = name_evidence(batch, record); !named) return named.error();
  return changes;
}

Status Decider::refold(Batch& batch, AddressRecord& record, const ChangeCause& cause) {
  auto changes = fold(batch, record, cause);
  if (!changes) return changes.error();
  return audit(batch, std::move(*changes));
}

Result<bool> Decider::expunge(Batch& batch, Time oldest, Time clock, std::int64_t limit) {
  const auto piece = batch.next_old_evidence(oldest, clock, limit);
  if (!piece) return piece.error();
  std::vector<std::int64_t> unneeded;
  for (const auto& address : piece->addresses) {
    const auto record = load(batch, address);
    if (!record) return record.error();
    let_go(batch, **record, clock);
    const auto old = batch.old_evidence_of(address, oldest);
    if (!old) return old.error();
    for (const auto& evidence : *old)
      if (!(**record).events.keeps(events_of(evidence, address))) unneeded.push_back(evidence.id);
  }
  if (auto expunged = batch.expunge_evidence(unneeded, clock); !expunged) return expunged.error();
  return piece->more;
}

// Entries do not change: the fold of what is kept equals the fold of all.
void Decider::let_go(Batch& batch, AddressRecord& record, Time clock) {
  const bool trimmed = !record.events.trim(input(record), clock).empty();
  const bool dropped = !record.events.drop_old_failures(input(record), clock).empty();
  if (!trimmed && !dropped) return;
  record.state = record.events.fold(input(record));
  record.recipient = recipient_of(record.events, record.state, keys_);
  batch.changed(record);
}

// Sets the evidence of new entries.
Status Decider::name_evidence(Batch& batch, AddressRecord& record) {
  const auto name = [&](Suppression& entry) -> Status {
    if (entry.evidence_id != 0 || entry.actor != kProgram) return {};
    const auto* folded = record.state.find(entry.kind, entry.scope);
    if (folded == nullptr) return {};
    const auto evidence = batch.evidence_of(record.address, folded->ref);
    if (!evidence) return evidence.error();
    entry.evidence_id = *evidence;
    return {};
  };
  for (auto& entry : record.entries)
    if (entry)
      if (auto named = name(*entry); !named) return named;
  for (auto& entry : record.scoped)
    if (auto named = name(entry); !named) return named;
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
