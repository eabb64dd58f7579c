#include "suppressd/core/list_event.h"

#include <algorithm>
#include <tuple>

#include "suppressd/core/address.h"
#include "suppressd/core/normal_text.h"
#include "suppressd/core/rate.h"

namespace suppressd {
namespace {

constexpr char kBeforeAddress = ' ';  // which is in no queue id

// The rank within one second. All acts are equal: their numbers decide.
std::uint8_t rank_of(const EventId& id) {
  return static_cast<std::uint8_t>(std::min(id.kind, ListEventKind::lift));
}

bool apart_at_most(Time a, Time b, Duration most) {
  return std::chrono::abs(a - b) <= most;
}

FailurePhase phase_of(EndedBy ended_by) {
  if (ended_by == EndedBy::window) return FailurePhase::window;
  return ended_by == EndedBy::report ? FailurePhase::report : FailurePhase::end;
}

}  // namespace

bool before(const EventId& a, const EventId& b) {
  if (a.ended != b.ended) return a.ended < b.ended;
  if (rank_of(a) != rank_of(b)) return rank_of(a) < rank_of(b);
  if (a.is_act())
    return std::tie(a.number, a.message.host, a.kind) < std::tie(b.number, b.message.host, b.kind);
  return std::tie(a.message.entered, a.message.host, a.message.instance, a.message.queue_id, a.phase) <
         std::tie(b.message.entered, b.message.host, b.message.instance, b.message.queue_id, b.phase);
}

bool same_message(const MessageKey& a, const MessageKey& b) {
  return apart_at_most(a.entered, b.entered, kEntryApart) && a.queue_id == b.queue_id && a.host == b.host &&
         a.instance == b.instance;
}

bool same_event(const EventId& a, const EventId& b) {
  if (a.kind != b.kind || a.phase != b.phase) return false;
  return a.is_act() ? a.number == b.number && a.message.host == b.message.host
                    : same_message(a.message, b.message);
}

bool is_about(const EventId& take_back, const EventId& delivery) {
  return is_about(take_back.message, delivery.message);
}

bool is_about(const MessageKey& said, const MessageKey& message) {
  if (!said.host.empty() || !said.instance.empty()) return same_message(said, message);
  return said.queue_id == message.queue_id && apart_at_most(said.entered, message.entered, kTraceApart);
}

Certainty FailureDetails::certainty() const {
  if (category == Category::bad_domain) return Certainty::bad_domain;
  return weak ? Certainty::weak : Certainty::sure;
}

bool same_event(const Outcome& a, const Outcome& b) {
  return a.kind == b.kind && phase_of(a.ended_by) == phase_of(b.ended_by) &&
         same_message(a.message, b.message);
}

Outcome merge_readings(Outcome kept, Outcome read) {
  if (read.at < kept.at) std::swap(kept, read);
  if (read.at == kept.at) {
    kept.attempts = std::max(kept.attempts, read.attempts);
    if (!kept.first_failed || (read.first_failed && *read.first_failed < *kept.first_failed))
      kept.first_failed = read.first_failed;
  }
  kept.message.entered = std::min(kept.message.entered, read.message.entered);
  if (kept.sender.empty()) kept.sender = std::move(read.sender);
  if (kept.tags.empty()) kept.tags = std::move(read.tags);
  if (kept.full_message_id.empty()) kept.full_message_id = std::move(read.full_message_id);
  kept.returned = kept.returned || read.returned;
  return kept;
}

bool needs_reply(std::span<const ListEvent> list_acts, Time ended) {
  return std::any_of(list_acts.begin(), list_acts.end(), [&](const ListEvent& act) {
    const auto* undo = act.undo();
    return undo != nullptr && !undo->text.empty() && ended >= undo->since && ended < undo->until;
  });
}

std::vector<ListEvent> events_of(const Outcome& outcome, bool with_reply) {
  std::vector<ListEvent> events;
  const EventId id{.ended = outcome.at, .message = outcome.message};
  const auto add = [&](ListEventKind kind) -> ListEvent& {
    auto& event = events.emplace_back(ListEvent{.id = id, .details = {}});
    event.id.kind = kind;
    return event;
  };
  const auto& judgement = outcome.reason.judgement;
  switch (outcome.kind) {
    case OutcomeKind::delivered:
      add(ListEventKind::delivery);
      break;
    case OutcomeKind::complaint:
      add(ListEventKind::complaint);
      break;
    case OutcomeKind::failed:
      if (judgement.action == Action::hard || judgement.action == Action::soft) {
        auto& failure = add(ListEventKind::failure);
        failure.id.phase = phase_of(outcome.ended_by);
        failure.details = FailureDetails{.action = judgement.action,
                                         .category = judgement.category,
                                         .weak = judgement.weak,
                                         .rule = judgement.rule,
                                         .provider = outcome.reason.provider,
                                         .reply = with_reply ? normal_text(outcome.reason.text) : "",
                                         .campaign = outcome.tags.campaign,
                                         .source = outcome.tags.source,
                                         .account = outcome.tags.account};
        if (judgement.action == Action::hard && judgement.weak)
          std::get<FailureDetails>(failure.details).sender_domain = sender_domain_of(outcome.sender);
      }
      if (outcome.returned) add(ListEventKind::take_back);
      break;
    case OutcomeKind::relayed:
      break;
  }
  return events;
}

std::vector<ListEvent> events_of(const Evidence& evidence, std::string_view address, bool with_reply) {
  auto events = events_of(evidence.outcome, with_reply);
  const bool of_domain = is_whole_domain(address);
  std::erase_if(events, [&](const ListEvent& event) {
    return (event.id.kind == ListEventKind::failure && !evidence.against.empty()) != of_domain;
  });
  if (!evidence.scope.empty())
    for (auto& event : events)
      if (event.id.kind == ListEventKind::complaint)
        event.details = AddDetails{.kind = SuppressionKind::complaint, .until = {}, .scope = evidence.scope};
  if (of_domain)
    for (auto& event : events) event.id.message = message_to(event.id.message, evidence.outcome.address);
  return events;
}

MessageKey message_to(const MessageKey& message, std::string_view address) {
  auto named = message;
  named.queue_id.append(1, kBeforeAddress).append(address);
  return named;
}

std::string address_in(MessageKey& message) {
  const auto end = message.queue_id.find(kBeforeAddress);
  if (end == std::string::npos) return {};
  auto address = message.queue_id.substr(end + 1);
  message.queue_id.resize(end);
  return address;
}

std::vector<ListEvent> merge_readings(std::vector<ListEvent> readings) {
  const auto sort = [](std::vector<ListEvent>& events) {
    std::sort(events.begin(), events.end(),
              [](const ListEvent& a, const ListEvent& b) { return before(a.id, b.id); });
  };
  sort(readings);
  std::vector<ListEvent> merged;
  merged.reserve(readings.size());
  for (auto& reading : readings) {
    const auto known = std::find_if(merged.begin(), merged.end(),
                                    [&](const ListEvent& event) { return same_event(event.id, reading.id); });
    if (known == merged.end())
      merged.push_back(std::move(reading));
    else
      known->id.message.entered = std::min(known->id.message.entered, reading.id.message.entered);
  }
  sort(merged);
  return merged;
}

}  // namespace suppressd
