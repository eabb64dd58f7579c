// The part of the decider for acts by hand.
#include <algorithm>
#include <utility>

#include "suppressd/learn/decider.h"

namespace suppressd {
namespace {

ChangeCause cause_of(ListEventKind event, const Hand& hand) {
  return {.event = event, .at = hand.now, .actor = hand.actor, .note = hand.note, .act_number = hand.number};
}

Change change_of(ChangeAct act, const AddressRecord& record, const Suppression* entry, const Hand& hand,
                 std::string cause) {
  Change change;
  change.at = hand.now;
  change.address = record.address;
  change.act = act;
  if (entry != nullptr) {
    change.kind = entry->kind;
    change.category = entry->category;
    change.rule = entry->rule;
    change.provider = entry->provider;
    change.evidence_id = entry->evidence_id;
    change.scope = entry->scope;
  }
  change.actor = hand.actor;
  change.cause = hand.note.empty() ? std::move(cause) : hand.note;
  change.act_number = hand.number;
  return change;
}

/// Whether a row by hand is restored when the act that changed it is taken back. Not if somebody has
/// changed it since, if a delivery would have ended it, or if a learned row is in its place.
bool comes_back(const Change& change, const AddressRecord& record, Time now) {
  const auto& before = *change.before;
  if (!is_by_hand(before) || before.ended(now)) return false;
  const auto* row = record.find(before.kind, before.scope);
  if (row != nullptr && is_by_hand(*row)) {
    const bool ended_by_it = row->until == std::max(change.at, before.since);
    return row->since == before.since && (ended_by_it || before.state == SuppressionState::pending);
  }
  if (before.kind == SuppressionKind::complaint)
    return row == nullptr ||
           (before.state == SuppressionState::active && lasts_as_long(before.until, row->until));
  const auto& delivery = record.recipient.last_delivery;
  return row == nullptr && is_learned(before.kind) && (!delivery || *delivery < before.since);
}

bool is_in(const LiftDetails& which, const Suppression& entry) {
  return !which.scope || *which.scope == entry.scope;
}

bool anything_to_lift(const AddressRecord& record, const LiftDetails& which, Time now) {
  const auto& recipient = record.recipient;
  const bool for_all_mail = !which.scope || which.scope->empty();
  return (for_all_mail && (recipient.streak > 0 || recipient.soft_step > 0 || recipient.hard_step > 0)) ||
         record.any_row([&](const Suppression& entry) { return is_in(which, entry) && !entry.ended(now); });
}

bool waits(const Suppression& entry, Time now) {
  return entry.state == SuppressionState::pending && !entry.ended(now);
}

/// What a message can test.
bool is_tested(const Suppression& entry, Time now) {
  return (entry.kind == SuppressionKind::hard || entry.kind == SuppressionKind::soft) && !is_by_hand(entry) &&
         entry.in_force(now);
}

/// An act is about all that is known, including events from a clock that was ahead.
Time time_of_act(const AddressRecord& record, Time now) {
  const auto& events = record.events.events();
  return events.empty() ? now : std::max(now, events.back().id.ended);
}

std::string words_of(const UndoDetails& hours) {
  std::string words =
      "undo of the failures from " + format_time(hours.since) + " to " + format_time(hours.until);
  if (!hours.provider.empty()) words += " at " + hours.provider;
  if (hours.category) words.append(", category ").append(name_of(*hours.category));
  if (!hours.domain.empty()) words += ", mailboxes of " + hours.domain;
  if (!hours.rule.empty()) words += ", rule " + hours.rule;
  if (!hours.text.empty()) words += ", reply \"" + hours.text + "\"";
  if (!hours.campaign.empty()) words += ", campaign " + hours.campaign;
  if (!hours.source.empty()) words += ", source " + hours.source;
  if (!hours.account.empty()) words += ", account " + hours.account;
  return words;
}

/// Adds the rows of `before` that are different in `after`, as they were before.
void list_changed(const std::vector<Suppression>& before, const std::vector<Suppression>& after,
                  std::vector<Suppression>& entries) {
  for (const auto& row : before)
    if (std::ranges::find(after, row) == after.end()) entries.push_back(row);
}

}  // namespace

// One row of `act` for all addresses of a command, made when the first of them is changed.
Status Decider::number_of(Batch& batch, ListEventKind kind, Hand& hand, const LiftDetails& which) {
  if (hand.number != 0) return {};
  const auto number = batch.add_act({.kind = kind,
                                     .at = hand.now,
                                     .actor = hand.actor,
                                     .note = hand.note,
                                     .lift = which,
                                     .undo = {},
                                     .reverts = 0});
  if (!number) return number.error();
  hand.number = *number;
  return {};
}

Result<HandChange> Decider::add(Batch& batch, Suppression entry, const Hand& hand) {
  auto found = load(batch, entry.address);
  if (!found) return found.error();
  auto& record = **found;
  entry.since = hand.now;
  entry.note = hand.note;
  entry.actor = hand.actor;
  if (entry.ref.empty())
    entry.ref = make_ref(record.address, entry.kind, std::to_string(to_unix(hand.now)), entry.scope);
  const auto* before = record.find(entry.kind, entry.scope);
  if (before != nullptr && before->state == SuppressionState::active && !before->ended(hand.now))
    entry.state = SuppressionState::active;  // It refuses mail already.
  const auto act = entry.state == SuppressionState::pending ? ChangeAct::pending : ChangeAct::added;
  std::vector<Change> changes{change_of(act, record, &entry, hand, "by hand")};
  const bool complaint = entry.kind == SuppressionKind::complaint;
  const auto kind = entry.kind;
  const auto scope = entry.scope;
  record.set(kind, scope, std::move(entry));
  if (complaint) {  // a learned one that lasts longer is shown instead
    auto cause = cause_of(ListEventKind::add, hand);
    cause.note = "a complaint that was learned lasts longer";
    auto folded = fold(batch, record, cause);
    if (!folded) return folded.error();
    std::ranges::move(*folded, std::back_inserter(changes));
  }
  batch.changed(record);
  if (auto audited = audit(batch, changes); !audited) return audited.error();
  return HandChange{record, std::move(changes)};
}

// Adds the act to the events of the address, and folds it. `changes` are those that the act made to
// rows by hand.
Result<HandChange> Decider::act_on(Batch& batch, AddressRecord& record, ListEventKind kind, Hand& hand,
                                   std::vector<Change> changes, const LiftDetails& which) {
  const auto at = time_of_act(record, hand.now);
  if (auto added = batch.add_act_on(record.address, hand.number, at); !added) return added.error();
  ListEvent event{.id = {.ended = at, .kind = kind, .message = {}, .number = hand.number}, .details = {}};
  if (kind == ListEventKind::lift) event.details = which;
  record.events.take(std::move(event));
  auto cause = cause_of(kind, hand);
  cause.scope = which.scope;
  auto folded = fold(batch, record, cause);
  if (!folded) return folded.error();
  std::ranges::move(*folded, std::back_inserter(changes));
  if (auto audited = audit(batch, changes); !audited) return audited.error();
  return HandChange{record, std::move(changes)};
}

Result<HandChange> Decider::lift(Batch& batch, std::string_view address, Hand& hand,
                                 const LiftDetails& which) {
  auto found = load(batch, address);
  if (!found) return found.error();
  auto& record = **found;
  if (!anything_to_lift(record, which, hand.now)) return HandChange{record, {}};
  if (auto numbered = number_of(batch, ListEventKind::lift, hand, which); !numbered) return numbered.error();
  const int streak = record.recipient.streak;
  std::vector<Change> changes;
  bool any_entry = false;
  for (auto& entry : record.rows()) {
    if (!is_in(which, entry) || entry.ended(hand.now)) continue;
    any_entry = true;
    if (!is_by_hand(entry)) continue;
    auto change = change_of(ChangeAct::lifted, record, &entry, hand, "by hand");
    change.before = entry;
    changes.push_back(std::move(change));
    entry.until = std::max(hand.now, entry.since);  // an entry from a clock that was ahead
    record.set(entry.kind, entry.scope, entry);
  }
  if (!any_entry)
    changes.push_back(change_of(ChangeAct::lifted, record, nullptr, hand,
                                streak > 0 ? "by hand: streak of " + std::to_string(streak) + " ended"
                                           : "by hand: what ended entries left is forgotten"));
  return act_on(batch, record, ListEventKind::lift, hand, std::move(changes), which);
}

Result<HandChange> Decider::reconfirm(Batch& batch, std::string_view address, Hand& hand) {
  auto found = load(batch, address);
  if (!found) return found.error();
  auto& record = **found;
  if (!record.any_row([&](const Suppression& entry) { return is_tested(entry, hand.now); }))
    return HandChange{record, {}};
  if (auto numbered = number_of(batch, ListEventKind::reconfirm, hand); !numbered) return numbered.error();
  return act_on(batch, record, ListEventKind::reconfirm, hand, {});
}

Result<HandChange> Decider::confirm(Batch& batch, std::string_view address, Hand& hand) {
  auto found = load(batch, address);
  if (!found) return found.error();
  auto& record = **found;
  if (!record.any_row([&](const Suppression& entry) { return waits(entry, hand.now); }))
    return HandChange{record, {}};
  if (auto numbered = number_of(batch, ListEventKind::confirm, hand); !numbered) return numbered.error();
  std::vector<Change> changes;
  for (auto& entry : record.rows()) {
    // Written with sqlite3, or of a whole domain: it has no event.
    if (!waits(entry, hand.now) || !is_by_hand(entry)) continue;
    auto change = change_of(ChangeAct::confirmed, record, &entry, hand, "by hand");
    change.before = entry;
    changes.push_back(std::move(change));
    entry.state = SuppressionState::active;
    if (is_learned(entry.kind)) entry.until.reset();
    record.set(entry.kind, entry.scope, entry);
  }
  return act_on(batch, record, ListEventKind::confirm, hand, std::move(changes));
}

Result<Time> Decider::time_of_undo(Batch& batch, const UndoDetails& hours,
                                   std::span<const std::string> addresses, Time now) {
  if (hours.until <= now + Duration{1}) return now;
  Time at = now;
  for (const auto& address : addresses) {
    const auto record = load(batch, address);
    if (!record) return record.error();
    at = std::max(at, time_of_act(**record, now));
  }
  return at;
}

Result<UndoReport> Decider::undo(Batch& batch, const UndoDetails& hours, Hand& hand) {
  UndoReport report;
  const auto addresses = batch.undone_by(hours);
  if (!addresses) return addresses.error();
  const auto at = time_of_undo(batch, hours, *addresses, hand.now);
  if (!at) return at.error();
  const auto number = batch.add_act(
      {.kind = ListEventKind::undo, .at = *at, .actor = hand.actor, .note = hand.note, .undo = hours});
  if (!number) return number.error();
  hand.number = *number;
  if (hand.note.empty()) hand.note = words_of(hours);
  if (auto unloaded = batch.unload(); !unloaded) return unloaded.error();  // With the replies it needs.
  list_acts_.push_back({.id = {.ended = *at, .kind = ListEventKind::undo, .message = {}, .number = *number},
                        .details = hours});
  const auto list = [&](const Rows& before, const Rows& after) {
    list_changed(before, after, report.entries);
  };
  if (auto folded = refold_all(batch, *addresses, cause_of(ListEventKind::undo, hand), list); !folded)
    return folded.error();
  report.number = *number;
  return report;
}

Result<std::vector<std::string>> Decider::touched_by(Batch& batch, const Act& act, std::int64_t number) {
  if (act.kind == ListEventKind::undo) return batch.undone_by(act.undo);
  return batch.addresses_of_act(number);
}

Result<UndoReport> Decider::revert(Batch& batch, std::int64_t number, Hand& hand) {
  const auto act = batch.act(number);
  if (!act) return act.error();
  const bool can_be = *act && (**act).kind != ListEventKind::revert && (**act).kind != ListEventKind::add;
  if (!can_be)
    return Error{"there is no undo, lift, confirmation or reconfirmation number " + std::to_string(number) +
                 ": the command printed the number when it was made"};
  UndoReport report;
  const bool reverted = std::ranges::any_of(list_acts_, [&](const ListEvent& event) {
    return event.revert() != nullptr && event.revert()->number == number;
  });
  if (reverted) return report;
  const auto addresses = touched_by(batch, **act, number);
  if (!addresses) return addresses.error();
  const auto own = batch.add_act({.kind = ListEventKind::revert,
                                  .at = hand.now,
                                  .actor = hand.actor,
                                  .note = hand.note,
                                  .undo = {},
                                  .reverts = number});
  if (!own) return own.error();
  hand.number = *own;
  if (hand.note.empty())
    hand.note = std::string(name_of_act((**act).kind)) + " " + std::to_string(number) + " taken back";
  list_acts_.push_back(
      {.id = {.ended = hand.now, .kind = ListEventKind::revert, .message = {}, .number = *own},
       .details = RevertDetails{.host = {}, .number = number}});
  const auto list = [&](const Rows& before, const Rows& after) {
    list_changed(after, before, report.entries);
  };
  if (auto folded = refold_all(batch, *addresses, cause_of(ListEventKind::revert, hand), list); !folded)
    return folded.error();
  if (auto restored = restore_by_hand(batch, number, hand, report); !restored) return restored.error();
  report.number = *own;
  return report;
}

bool Decider::lifted_later(const AddressRecord& record, std::int64_t number, const Suppression& entry) const {
  return std::ranges::any_of(standing(record.events.events(), input(record)), [&](const ListEvent* event) {
    if (event->id.kind != ListEventKind::lift || event->id.number <= number) return false;
    const auto* lift = event->lift();
    return lift == nullptr || ((!lift->kind || *lift->kind == entry.kind) && is_in(*lift, entry));
  });
}

// Restores entries by hand that a lift ended or a confirmation changed, unless somebody has changed
// them since.
Status Decider::restore_by_hand(Batch& batch, std::int64_t number, const Hand& hand, UndoReport& report) {
  const auto changes = batch.changes_of_act(number);
  if (!changes) return changes.error();
  for (const auto& change : *changes) {
    if (!change.before) continue;
    auto found = batch.record(change.address);
    if (!found) return found.error();
    auto& record = **found;
    const auto& entry = *change.before;
    if (!comes_back(change, record, hand.now) || lifted_later(record, number, entry)) continue;
    record.set(entry.kind, entry.scope, entry);
    batch.changed(record);
    report.entries.push_back(entry);
    if (auto audited = audit(batch, {change_of(ChangeAct::restored, record, &entry, hand, hand.note)});
        !audited)
      return audited;
  }
  return {};
}

}  // namespace suppressd
