#include "suppressd/core/reversal.h"

#include <utility>

#include "suppressd/core/tracker.h"

namespace suppressd {
namespace {

std::optional<EntryMark> mark_of(const Boxed<Suppression>& entry) {
  if (!entry) return std::nullopt;
  return EntryMark{entry->since, entry->until, entry->state, entry->contradicted_at};
}

bool stood(const std::optional<EntryMark>& mark, Time at) {
  return mark && !(mark->until && *mark->until <= at);
}

/// The entry as it was; one that began later is what the events since then will make again. Of one that a
/// later one has replaced only the times are known, which is all that counts until it is replaced again.
void put_back(Boxed<Suppression>& entry, const std::optional<EntryMark>& mark, Time delivered) {
  if (entry && mark) {
    entry->since = mark->since;
    entry->until = mark->until;
    entry->state = mark->state;
    entry->contradicted_at = mark->contradicted_at;
  } else if (entry && entry->since > delivered) {
    entry.reset();
  }
}

Outcome outcome_of(const Evidence& evidence) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.action = action_from(evidence.action).value_or(Action::none);
  outcome.weak = evidence.weak;
  outcome.evidence = evidence;
  return outcome;
}

Outcome outcome_of(const Delivery& delivery) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::delivered;
  outcome.evidence.address = delivery.address;
  outcome.evidence.at = delivery.at;
  outcome.evidence.entered = delivery.entered;
  outcome.evidence.queue_id = delivery.queue_id;
  return outcome;
}

void snapshot(Delivery& delivery, const AddressRecord& record) {
  delivery.recipient = record.recipient;
  delivery.soft = mark_of(record.entry(SuppressionKind::soft));
  delivery.hard = mark_of(record.entry(SuppressionKind::hard));
}

/// A delivery that changed nothing when it came is not kept; of those in a row the newest is told by what
/// stood before the next that is, or stands now.
std::vector<Delivery> with_unkept(const std::vector<Delivery>& kept, const Recipient& now, Time after) {
  std::vector<Delivery> all;
  const auto add_unkept = [&](const Recipient& recipient) {
    const auto newest = all.empty() ? after : all.back().at;
    if (!recipient.last_delivery || *recipient.last_delivery <= newest) return;
    Delivery delivery;
    delivery.at = *recipient.last_delivery;
    delivery.queue_id = recipient.last_delivery_id;
    all.push_back(std::move(delivery));
  };
  for (const auto& delivery : kept) {
    add_unkept(delivery.recipient);
    all.push_back(delivery);
  }
  add_unkept(now);
  return all;
}

/// Says of a failure what the brake said when it came. `hard` is the entry as it is now: the failure that
/// began it was held back if the entry is still pending, or rests on a later failure, which confirmed it.
Brake brake_of(const Evidence& failure, const Boxed<Suppression>& hard) {
  const bool held = hard && hard->since == failure.at &&
                    (hard->state == SuppressionState::pending || hard->evidence_id != failure.id);
  if (!held) return Brake{0};
  Brake full{1};
  full.count_hard(failure.provider, failure.at);
  return full;
}

void apply_again(AddressRecord& record, SinceThen& since_then, const AddressRecord& before,
                 const Policy& policy, Time delivered) {
  Brake no_limit{0};
  auto failure = since_then.failures.begin();
  const auto fail_until = [&](std::optional<Time> last) {
    for (; failure != since_then.failures.end() && (!last || failure->at <= *last); ++failure) {
      auto brake = brake_of(*failure, before.entry(SuppressionKind::hard));
      policy.apply(outcome_of(*failure), record, brake);
    }
  };
  auto kept = since_then.deliveries.begin();
  for (const auto& delivery : with_unkept(since_then.deliveries, before.recipient, delivered)) {
    fail_until(delivery.at);
    if (kept != since_then.deliveries.end() && kept->at == delivery.at && kept->queue_id == delivery.queue_id)
      snapshot(*kept++, record);
    policy.apply(outcome_of(delivery), record, no_limit);
  }
  fail_until(std::nullopt);
}

}  // namespace

Delivery delivery_of(const Outcome& outcome, const AddressRecord& record) {
  const auto& evidence = outcome.evidence;
  Delivery delivery;
  delivery.address = evidence.address;
  delivery.at = evidence.at;
  delivery.host = evidence.host;
  delivery.instance = evidence.instance;
  delivery.queue_id = evidence.queue_id;
  delivery.entered = evidence.entered;
  delivery.message = outcome.message;
  snapshot(delivery, record);
  return delivery;
}

bool matters(const AddressRecord& record, Time delivered) {
  const auto& recipient = record.recipient;
  return recipient.streak > 0 || recipient.soft_step > 0 || recipient.hard_step > 0 ||
         stood(mark_of(record.entry(SuppressionKind::soft)), delivered) ||
         stood(mark_of(record.entry(SuppressionKind::hard)), delivered);
}

PolicyResult reverse_delivery(AddressRecord& record, const Delivery& delivery, SinceThen& since_then,
                              const Policy& policy, const Evidence& evidence) {
  PolicyResult result;
  if (record.recipient.last_manual && *record.recipient.last_manual > delivery.at) return result;
  const AddressRecord before = record;
  record.recipient = delivery.recipient;
  put_back(record.entry(SuppressionKind::soft), delivery.soft, delivery.at);
  put_back(record.entry(SuppressionKind::hard), delivery.hard, delivery.at);
  apply_again(record, since_then, before, policy, delivery.at);
  result.record_changed = true;
  for (const auto kind : {SuppressionKind::hard, SuppressionKind::soft}) {
    auto& entry = record.entry(kind);
    const auto& was = before.entry(kind);
    // Made again from the same evidence: what else was known of it stays.
    if (entry && was && entry->since == was->since) {
      entry->evidence_id = was->evidence_id;
      entry->note = was->note;
    }
    if (entry && entry->in_force(evidence.at) && !(was && was->in_force(evidence.at))) {
      Change change;
      change.at = evidence.at;
      change.address = record.address;
      change.act = "restored";
      change.kind = name_of(kind);
      change.category = entry->category;
      change.rule = entry->rule;
      change.provider = entry->provider;
      change.actor = "suppressd";
      change.cause = "the delivery of " + format_time(delivery.at) + " was none: the message came back";
      result.changes.push_back(std::move(change));
    }
  }
  return result;
}

}  // namespace suppressd
