// The part of the decider that counts failures: evidence in, its mark and the rates out.
//
// Most evidence is alone, so that its mark is known when it is stored. Else all that may depend on it is
// looked at again, after the address was folded.
#include <algorithm>
#include <utility>

#include "suppressd/core/rate_mark.h"
#include "suppressd/learn/decider.h"

namespace suppressd {
namespace {

bool is_failure(const ListEvent& event) {
  return event.failure() != nullptr;
}

bool is_hard_failure(const ListEvent& event) {
  return is_failure(event) && event.failure()->action == Action::hard;
}

}  // namespace

// Complaints and bounces by mail name the provider by the recipient's domain, deliveries by the host.
Result<RateKeys> Decider::rate_keys(Batch& batch, const Outcome& outcome) {
  auto sender_domain = rates_.sender_domain(batch, outcome.sender, outcome.message.entered);
  if (!sender_domain) return sender_domain.error();
  RateKeys keys{.sender_domain = std::move(*sender_domain), .provider = outcome.reason.provider};
  if (outcome.origin == Origin::log) return keys;
  auto usual = batch.usual_provider(domain_of(outcome.address));
  if (!usual) return usual.error();
  if (!usual->empty()) keys.provider = std::move(*usual);
  return keys;
}

// No other evidence, no incident and no undo has a say.
Result<bool> Decider::counts_alone(Batch& batch, const AddressRecord& record, const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::complaint || outcome.ended_by == EndedBy::window) return true;
  if (!outcome.ends_send()) return false;
  const auto other = batch.is_other_evidence(record.address, outcome.message.queue_id);
  if (!other) return other;
  if (*other) return false;
  const auto action = outcome.reason.judgement.action;
  if (action == Action::none) return true;
  if (std::ranges::any_of(list_acts_, [&](const ListEvent& act) { return act.id.ended >= outcome.at; }))
    return false;
  if (action != Action::hard) return true;
  const auto day = rate_day(outcome.message.entered);
  const auto of_the_day = [&](const ListEvent& event) {
    return is_hard_failure(event) && rate_day(event.id.message.entered) == day;
  };
  const auto& checkpoint = record.events.checkpoint();
  return (!checkpoint || checkpoint->last.ended < day) &&
         std::ranges::none_of(record.events.events(), of_the_day) &&
         incident_at(incidents_.pending(), outcome.reason.provider, domain_of(record.address), outcome.at) ==
             nullptr;
}

Status Decider::rate(Batch& batch, const AddressRecord& record, const std::optional<Evidence>& before,
                     Evidence& evidence, bool known_good) {
  auto& rate = evidence.rate;
  auto keys = rate_keys(batch, evidence.outcome);
  if (!keys) return keys.error();
  rate = {.keys = std::move(*keys), .known_good = before ? before->rate.known_good : known_good};
  if (before) {
    rates_.take_out(*before);
    unmarked_ = true;
    return {};
  }
  const auto alone = counts_alone(batch, record, evidence.outcome);
  if (!alone) return alone.error();
  unmarked_ = !*alone;
  if (unmarked_) return {};
  rate.mark = mark_alone(evidence.outcome);
  return rates_.add(batch, evidence);
}

// Of the days from `from` on all is read that may count as dead, so that the first of each day is found.
Status Decider::mark_again(Batch& batch, const AddressRecord& record, std::string_view queue_id, Time from) {
  const auto& events = record.events.events();
  auto since = from;
  if (from == Time::min()) {
    since = Time::max();
    for (const auto& event : events)
      if (is_failure(event)) since = std::min(since, rate_day(event.id.message.entered));
  }
  auto ended = Time::max();
  for (const auto& event : events)
    if (is_failure(event) && event.id.message.entered >= since) ended = std::min(ended, event.id.ended);
  if (ended == Time::max() && queue_id.empty()) return {};
  auto rows = batch.rated_evidence(record.address, ended, since, queue_id);
  if (!rows) return rows.error();
  std::erase_if(*rows, [&](const Evidence& row) { return row.outcome.message.entered < since; });
  const auto marks = marks_of(*rows, record, input(record));
  for (std::size_t i = 0; i < rows->size(); ++i) {
    auto& row = (*rows)[i];
    if (row.rate.mark == marks[i]) continue;
    rates_.take_out(row);
    row.rate.mark = marks[i];
    if (auto added = rates_.add(batch, row); !added) return added;
    if (auto set = batch.set_rate_mark(row.id, row.rate.mark); !set) return set;
  }
  return {};
}

// After a fold: what incidents hold, an act, or the entry's confirmation may have changed what is excused.
Status Decider::mark_excused(Batch& batch, const AddressRecord& record, const ChangeCause& cause,
                             bool changed) {
  const bool lies_in_one =
      changed && std::ranges::any_of(record.events.events(), [&](const ListEvent& event) {
        return is_hard_failure(event) && incident_at(incidents_.pending(), event.failure()->provider,
                                                     domain_of(record.address), event.id.ended) != nullptr;
      });
  if (!lies_in_one && !cause.other_times && cause.event < ListEventKind::lift) return {};
  return mark_again(batch, record, {}, Time::min());
}

}  // namespace suppressd
