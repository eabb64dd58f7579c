// The part of the decider for failures that are the fault of the receiving host, not of the address.
//
// They are events of `@domain`, which has a record like an address; its delivery is the newest one to any
// address of the domain.
#include <algorithm>
#include <string_view>
#include <vector>

#include "suppressd/core/address.h"
#include "suppressd/learn/decider.h"

namespace suppressd {

namespace {

// nullopt: perhaps not all of them are kept.
std::optional<std::int64_t> deliveries_between(const AddressRecord& record, Time from, Time to) {
  const auto& checkpoint = record.events.checkpoint();
  const auto count = std::ranges::count_if(record.events.events(), [&](const ListEvent& event) {
    return event.id.kind == ListEventKind::delivery && event.id.ended >= from && event.id.ended <= to;
  });
  const bool all =
      !(checkpoint && checkpoint->last.ended >= from) && count < std::int64_t{kMostDeliveriesAlone};
  return all ? std::optional<std::int64_t>(count) : std::nullopt;
}

}  // namespace

// In a local incident our own resolver or network fails, not the host: the fold leaves such failures out.
Result<std::string> Decider::against(Batch& batch, const AddressRecord& record, const Outcome& outcome,
                                     const std::optional<Evidence>& stored) {
  const auto& judgement = outcome.reason.judgement;
  if (outcome.kind != OutcomeKind::failed || judgement.action != Action::soft) return std::string{};
  if (stored && stored->outcome.reason.judgement == judgement) return stored->against;
  const std::string domain(whole_domain_of(record.address));
  switch (fault_of(judgement.category)) {
    case Fault::address:
      return std::string{};
    case Fault::host:
      return domain;
    case Fault::either:
      break;
  }
  const auto beside = sends_beside(batch, record, outcome);
  if (!beside) return beside.error();
  return takes_mail(*beside) ? std::string{} : domain;
}

Result<DomainSends> Decider::sends_beside(Batch& batch, const AddressRecord& record, const Outcome& outcome) {
  const auto domain = domain_of(record.address);
  const auto from = hour_of(outcome.message.entered);
  const auto history = batch.domain(domain);
  if (!history) return history.error();
  auto sends = history->between(from, outcome.at);
  auto newest = history->ended;
  if (const auto* unsaved = domains_.find(domain)) {
    sends += unsaved->between(from, outcome.at);
    newest = std::max(newest, unsaved->ended);
  }
  // An old log that is read late: its hours are kept up to the end of the batch only.
  if (newest && from <= hour_of(*newest) - kDomainHoursKept) return DomainSends{};
  const auto own = batch.failed_sends(record.address, from, outcome.at);
  if (!own) return own.error();
  const auto own_taken = deliveries_between(record, from, outcome.at);
  if (!own_taken) return DomainSends{};
  return DomainSends{.taken = std::max<std::int64_t>(sends.taken - *own_taken, 0),
                     .failed = std::max<std::int64_t>(sends.failed - *own + outcome.failing_beside, 0)};
}

// What was delivered in this batch is not stored yet. A checkpoint may hold failures before the delivery:
// then all after it are read again.
Result<AddressRecord*> Decider::load_domain(Batch& batch, std::string_view domain) {
  auto record = batch.record(domain);
  if (!record) return record;
  const auto* unsaved = domains_.find(domain_of(domain));
  if (unsaved == nullptr || !unsaved->delivered) return record;
  auto& events = (**record).events;
  if (!events.checkpoint()) {
    events.deliver_to_domain(*unsaved->delivered);
    return record;
  }
  const auto known = events.checkpoint()->state.delivery;
  if (known && *unsaved->delivered <= known->ended) return record;
  const DomainHistory delivered{.delivered = unsaved->delivered, .ended = unsaved->delivered, .hours = {}};
  if (auto saved = batch.add(domain_of(domain), delivered); !saved) return saved.error();
  return batch.reload(domain);
}

Status Decider::take_against_domain(Batch& batch, const Evidence& evidence, const StoredEvidence& known,
                                    bool counts, const ChangeCause& cause) {
  const auto& outcome = evidence.outcome;
  const auto& stored = known.reading;
  const bool forgets_reports = outcome.ends_send() && known.reported_against_domain;
  const bool was_against = stored && !stored->against.empty();
  if (evidence.against.empty() && !was_against && !forgets_reports) return {};
  const auto domain = whole_domain_of(outcome.address);
  const auto found = load_domain(batch, domain);
  if (!found) return found.error();
  auto& record = **found;
  if (record.exempt_since && outcome.at >= *record.exempt_since) return {};
  auto events = counts ? events_of(evidence, domain, needs_reply(list_acts_, evidence.outcome.at))
                       : std::vector<ListEvent>{};
  const auto before_events = stored ? events_of(*stored, domain) : std::vector<ListEvent>{};
  if (record.events.crosses_checkpoint(before_events, events)) {
    const auto again = batch.reload(domain);
    return again ? refold(batch, **again, cause) : again.error();
  }
  bool news = forgets_reports && record.events.forget_reports(message_to(outcome.message, outcome.address));
  for (const auto& event : before_events) news = record.events.forget(event.id) || news;
  const auto delivered = record.events.delivery();
  for (auto& event : events) {
    if (delivered && before(event.id, *delivered)) continue;
    // A record that is read only now has it already, from the evidence.
    news = record.events.take(std::move(event)) != KeptEvents::Taken::evidence_only || news;
  }
  return news ? refold(batch, record, cause) : Status{};
}

Status Decider::see_delivery(Batch& batch, const Outcome& outcome, bool counts) {
  const auto domain = domain_of(outcome.address);
  if (counts)
    domains_.add_delivery(domain, outcome.at);
  else
    domains_.see_delivery(domain, outcome.at);
  if (!failing_domains_.contains(domain)) return {};
  const auto record = load_domain(batch, whole_domain_of(outcome.address));
  if (!record) return record.error();
  const ChangeCause delivered{
      .event = ListEventKind::delivery, .at = outcome.at, .actor = std::string(kProgram), .note = {}};
  return refold(batch, **record, delivered);
}

void Decider::note_failing(const AddressRecord& record) {
  const auto& recipient = record.recipient;
  const std::string domain(domain_of(record.address));
  if (recipient.streak > 0 || recipient.soft_step > 0)
    failing_domains_.insert(domain);
  else
    failing_domains_.erase(domain);
}

// In the order of the table.
Status Decider::save_domains(Batch& batch) {
  const auto histories = domains_.take();
  std::vector<std::string_view> domains;
  domains.reserve(histories.size());
  for (const auto& [domain, history] : histories) domains.push_back(domain);
  std::ranges::sort(domains);
  for (const auto domain : domains)
    if (auto saved = batch.add(domain, histories.find(domain)->second); !saved) return saved;
  return {};
}

}  // namespace suppressd
