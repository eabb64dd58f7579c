#include "suppressd/core/policy.h"

#include <algorithm>

namespace suppressd {
namespace {

constexpr Duration kConfirmAfter = std::chrono::hours(72);
constexpr std::string_view kProgram = "suppressd";

void raise(std::optional<Time>& newest, const std::optional<Time>& other) {
  if (other && (!newest || *other > *newest)) newest = other;
}

// Acts by hand: those that were audited, and rows that were written straight into the database.
std::optional<Time> newest_manual(const AddressRecord& record) {
  auto newest = record.recipient.last_manual;
  for (const auto kind : {SuppressionKind::manual, SuppressionKind::unsubscribe})
    if (const auto& entry = record.entry(kind)) raise(newest, entry->since);
  return newest;
}

bool no_newer(Time at, const std::optional<Time>& newest) {
  return newest && at <= *newest;
}

bool in_force(const AddressRecord& record, SuppressionKind kind, Time at) {
  const auto& entry = record.entry(kind);
  return entry && entry->in_force(at);
}

std::string ordinal(int number) {
  switch (number) {
    case 1:
      return "first";
    case 2:
      return "second";
    case 3:
      return "third";
    case 4:
      return "fourth";
    case 5:
      return "fifth";
    default:
      return std::to_string(number) + "th";
  }
}

Duration step_of(const std::vector<Duration>& ladder, int step) {
  return ladder[std::min(static_cast<std::size_t>(step), ladder.size() - 1)];
}

Change change_for(std::string act, const AddressRecord& record, const Suppression* entry,
                  const Evidence& evidence, std::string cause) {
  Change change;
  change.at = evidence.at;
  change.address = record.address;
  change.act = std::move(act);
  if (entry != nullptr) {
    change.kind = name_of(entry->kind);
    change.category = entry->category;
    change.rule = entry->rule;
    change.provider = entry->provider;
  }
  change.actor = kProgram;
  change.cause = std::move(cause);
  return change;
}

Suppression entry_for(SuppressionKind kind, const AddressRecord& record, const Evidence& evidence,
                      Duration length) {
  Suppression entry;
  entry.address = record.address;
  entry.kind = kind;
  entry.category = evidence.category;
  entry.rule = evidence.rule;
  entry.provider = evidence.provider;
  entry.since = evidence.at;
  entry.until = end_of(evidence.at, length);
  entry.ref = make_ref(record.address, kind, natural_key(evidence));
  entry.actor = kProgram;
  return entry;
}

std::string how_long(Duration length) {
  return length == kForever ? "permanently" : "for " + format_duration(length);
}

// A hard entry comes into force: now it takes its step, and its time begins. Until then a pending one holds
// the time that it will have.
void activate(Suppression& entry, Recipient& recipient, Time at) {
  entry.state = SuppressionState::active;
  if (!entry.until) return;
  entry.until = end_of(at, *entry.until - entry.since);
  ++recipient.hard_step;
}

// What a pending entry becomes when the address fails again: date and ref stay, and so does the judgement
// unless the new one is surer.
Suppression surer(const Suppression& pending, Suppression again) {
  if (again.until || !pending.until) return pending;
  again.since = pending.since;
  again.ref = pending.ref;
  return again;
}

void set_entry(PolicyResult& result, AddressRecord& record, Suppression entry) {
  result.rests_on.push_back(entry.kind);
  result.record_changed = true;
  auto& place = record.entry(entry.kind);
  place = std::move(entry);
}

void delivered(const Outcome& outcome, AddressRecord& record, PolicyResult& result) {
  const auto& evidence = outcome.evidence;
  auto& recipient = record.recipient;
  auto newest = newest_manual(record);
  raise(newest, recipient.last_delivery);
  raise(newest, recipient.last_failure);
  if (no_newer(evidence.at, newest)) return;

  result.record_changed = true;
  result.evidence_kept = recipient.streak > 0;
  recipient.last_delivery = evidence.at;
  recipient.last_delivery_id = evidence.queue_id;
  recipient.streak = 0;
  recipient.streak_since.reset();
  recipient.soft_step = 0;
  recipient.hard_step = 0;

  auto& soft = record.entry(SuppressionKind::soft);
  if (soft && !soft->ended(evidence.at)) {
    soft->until = evidence.at;
    result.evidence_kept = true;
    result.changes.push_back(change_for("lifted", record, &*soft, evidence, "a message was delivered"));
  }
  auto& hard = record.entry(SuppressionKind::hard);
  if (!hard || hard->ended(evidence.at)) return;
  result.evidence_kept = true;
  if (hard->state == SuppressionState::pending) {
    hard->until = evidence.at;
    result.changes.push_back(change_for("dropped", record, &*hard, evidence,
                                        "a message was delivered while the entry was pending"));
  } else if (!hard->contradicted_at) {
    hard->contradicted_at = evidence.at;
    result.changes.push_back(change_for("contradicted", record, &*hard, evidence,
                                        "a message was delivered although the address is called dead"));
  }
}

}  // namespace

// A hard failure. Older than the newest counted failure it may be; older than a delivery or an act by hand it
// is history.
void Policy::hard_failure(const Outcome& outcome, AddressRecord& record, Brake& brake,
                          PolicyResult& result) const {
  const auto& evidence = outcome.evidence;
  auto& recipient = record.recipient;
  auto newest = newest_manual(record);
  raise(newest, recipient.last_delivery);
  if (no_newer(evidence.at, newest)) return;
  for (const auto kind : {SuppressionKind::complaint, SuppressionKind::unsubscribe, SuppressionKind::manual,
                          SuppressionKind::hard})
    if (in_force(record, kind, evidence.at)) return;

  const auto& standing = record.entry(SuppressionKind::hard);
  const bool waits =
      standing && standing->state == SuppressionState::pending && !standing->ended(evidence.at);
  if (waits && evidence.at < standing->since + kConfirmAfter) return;
  if (standing && standing->since > evidence.at) return;

  raise(recipient.last_failure, evidence.at);
  recipient.last_failure_entered = evidence.entered.value_or(evidence.at);
  recipient.last_category = evidence.category;

  const auto length = hard_length(outcome, recipient);
  auto entry = entry_for(SuppressionKind::hard, record, evidence, length);
  if (waits) {
    entry = surer(*standing, std::move(entry));
    activate(entry, recipient, evidence.at);
    result.changes.push_back(
        change_for("confirmed", record, &entry, evidence,
                   "it failed hard again " + format_duration(kConfirmAfter) + " or more later"));
  } else if (brake.count_hard(evidence.provider, evidence.at)) {
    entry.state = SuppressionState::pending;
    result.changes.push_back(
        change_for("pending", record, &entry, evidence,
                   "too many new hard entries at " + evidence.provider + " within an hour"));
  } else {
    activate(entry, recipient, evidence.at);
    result.changes.push_back(
        change_for("suppressed", record, &entry, evidence, "hard failure, " + how_long(length)));
  }
  set_entry(result, record, std::move(entry));
}

// The next step of the ladder that the judgement asks for.
Duration Policy::hard_length(const Outcome& outcome, const Recipient& recipient) const {
  if (outcome.evidence.category == name_of(Category::bad_domain))
    return step_of(settings_.bad_domain_ladder, recipient.hard_step);
  return outcome.weak ? step_of(settings_.weak_ladder, recipient.hard_step) : kForever;
}

void Policy::soft_failure(const Outcome& outcome, AddressRecord& record, PolicyResult& result) const {
  const auto& evidence = outcome.evidence;
  auto& recipient = record.recipient;
  auto newest = newest_manual(record);
  raise(newest, recipient.last_delivery);
  raise(newest, recipient.last_failure);
  if (no_newer(evidence.at, newest)) return;
  for (std::size_t kind = 0; kind < kSuppressionKinds; ++kind)
    if (in_force(record, static_cast<SuppressionKind>(kind), evidence.at)) return;

  const auto entered = evidence.entered.value_or(evidence.at);
  if (recipient.last_failure_entered && entered < *recipient.last_failure_entered + settings_.min_interval)
    return;

  if (recipient.last_failure && evidence.at - *recipient.last_failure >= settings_.stale_after)
    recipient.streak = 0;
  if (recipient.streak++ == 0) recipient.streak_since = evidence.at;
  recipient.last_failure = evidence.at;
  recipient.last_failure_entered = entered;
  recipient.last_category = evidence.category;
  result.record_changed = true;

  const bool climbs = recipient.soft_step > 0;
  if (!climbs && recipient.streak < settings_.threshold) return;
  const auto length = step_of(settings_.soft_ladder, recipient.soft_step++);
  auto entry = entry_for(SuppressionKind::soft, record, evidence, length);
  result.changes.push_back(change_for("suppressed", record, &entry, evidence,
                                      (climbs ? "failed again after its last suppression, "
                                              : ordinal(recipient.streak) + " failed send in a row, ") +
                                          how_long(length)));
  set_entry(result, record, std::move(entry));
}

void Policy::complaint(const Outcome& outcome, AddressRecord& record, PolicyResult& result) const {
  const auto& evidence = outcome.evidence;
  if (no_newer(evidence.at, newest_manual(record))) return;
  const auto& standing = record.entry(SuppressionKind::complaint);
  if (standing && !standing->ended(evidence.at)) return;
  auto entry = entry_for(SuppressionKind::complaint, record, evidence, kForever);
  result.changes.push_back(change_for("suppressed", record, &entry, evidence, "its reader complained"));
  set_entry(result, record, std::move(entry));
}

PolicyResult Policy::apply(const Outcome& outcome, AddressRecord& record, Brake& brake) const {
  PolicyResult result;
  if (record.exempt || outcome.kind == Outcome::Kind::relayed) return result;
  if (outcome.kind == Outcome::Kind::delivered) {
    delivered(outcome, record, result);
    return result;
  }
  result.evidence_kept = true;
  switch (outcome.action) {
    case Action::none:
      break;
    case Action::soft:
      soft_failure(outcome, record, result);
      break;
    case Action::hard:
      hard_failure(outcome, record, brake, result);
      break;
    case Action::complaint:
      complaint(outcome, record, result);
      break;
  }
  return result;
}

namespace {

Change change_by_hand(std::string act, const AddressRecord& record, const Suppression& entry,
                      std::string_view actor, std::string_view note, Time now) {
  Change change;
  change.at = now;
  change.address = record.address;
  change.act = std::move(act);
  change.kind = name_of(entry.kind);
  change.category = entry.category;
  change.rule = entry.rule;
  change.provider = entry.provider;
  change.evidence_id = entry.evidence_id;
  change.actor = actor;
  change.cause = note.empty() ? "by hand" : note;
  return change;
}

}  // namespace

PolicyResult add_by_hand(AddressRecord& record, Suppression entry, Time now) {
  PolicyResult result;
  result.record_changed = true;
  record.recipient.last_manual = now;
  entry.address = record.address;
  entry.since = now;
  if (entry.ref.empty()) entry.ref = make_ref(record.address, entry.kind, std::to_string(to_unix(now)));
  result.changes.push_back(change_by_hand("added", record, entry, entry.actor, entry.note, now));
  auto& place = record.entry(entry.kind);
  place = std::move(entry);
  return result;
}

PolicyResult lift_by_hand(AddressRecord& record, std::string_view actor, std::string_view note, Time now) {
  PolicyResult result;
  for (auto& entry : record.entries) {
    if (!entry || entry->ended(now)) continue;
    entry->until = std::max(now, entry->since);  // an entry from a clock that ran ahead
    result.changes.push_back(change_by_hand("lifted", record, *entry, actor, note, now));
  }
  auto& recipient = record.recipient;
  if (result.changes.empty() && recipient.streak == 0 && recipient.soft_step == 0 && recipient.hard_step == 0)
    return result;
  result.record_changed = true;
  recipient.last_manual = now;
  recipient.streak = 0;
  recipient.streak_since.reset();
  recipient.soft_step = 0;
  recipient.hard_step = 0;
  return result;
}

PolicyResult confirm_by_hand(AddressRecord& record, std::string_view actor, std::string_view note, Time now) {
  PolicyResult result;
  auto& hard = record.entry(SuppressionKind::hard);
  if (!hard || hard->state != SuppressionState::pending || hard->ended(now)) return result;
  activate(*hard, record.recipient, now);
  record.recipient.last_manual = now;
  result.record_changed = true;
  result.changes.push_back(change_by_hand("confirmed", record, *hard, actor, note, now));
  return result;
}

}  // namespace suppressd
