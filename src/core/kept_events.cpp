#include "suppressd/core/kept_events.h"

#include <algorithm>
#include <utility>

namespace suppressd {
namespace {

bool earlier(const ListEvent& a, const ListEvent& b) {
  return before(a.id, b.id);
}

bool settled(const EventId& delivery, const FoldInput& input, Time clock) {
  return clock - delivery.ended > input.settings.at(delivery.ended).report_window;
}

// Whether an event no longer matters after a later delivery: soft failures, and other deliveries. Hard
// failures are kept, because the newest is shown as suspended; so are acts, which may be reverted, and
// complaints.
bool ends_with_delivery(const ListEvent& event) {
  switch (event.id.kind) {
    case ListEventKind::delivery:
    case ListEventKind::take_back:
      return true;
    case ListEventKind::failure:
      return event.failure() == nullptr || event.failure()->action != Action::hard;
    default:
      return false;
  }
}

}  // namespace

KeptEvents::KeptEvents(std::vector<ListEvent> events, std::optional<Checkpoint> checkpoint)
    : events_(std::move(events)), checkpoint_(std::move(checkpoint)) {
  std::sort(events_.begin(), events_.end(), earlier);
}

KeptEvents::Taken KeptEvents::take(ListEvent event) {
  if (checkpoint_ && !before(checkpoint_->last, event.id)) return Taken::evidence_only;
  const auto known = std::find_if(events_.begin(), events_.end(),
                                  [&](const ListEvent& kept) { return same_event(kept.id, event.id); });
  const bool is_new = known == events_.end();
  if (!is_new) {
    auto merged = known->id;
    merged.ended = std::min(merged.ended, event.id.ended);
    merged.message.entered = std::min(merged.message.entered, event.id.message.entered);
    if (merged == known->id) return Taken::known;
    if (known->id.ended <= event.id.ended) event.details = std::move(known->details);
    event.id = std::move(merged);
    events_.erase(known);
  }
  insert(std::move(event));
  return is_new ? Taken::added : Taken::earlier;
}

bool KeptEvents::forget_reports(const MessageKey& message) {
  const auto gone = drop([&](const ListEvent& event) {
    const bool of_report =
        event.id.kind == ListEventKind::take_back ||
        (event.id.kind == ListEventKind::failure && event.id.phase == FailurePhase::report);
    return of_report && is_about(event.id.message, message);
  });
  return !gone.empty();
}

bool KeptEvents::keeps(std::span<const ListEvent> told) const {
  return std::any_of(events_.begin(), events_.end(), [&](const ListEvent& kept) {
    return std::any_of(told.begin(), told.end(),
                       [&](const ListEvent& event) { return same_event(kept.id, event.id); });
  });
}

void KeptEvents::deliver_to_domain(Time at) {
  const EventId delivered{.ended = at,
                          .kind = ListEventKind::delivery,
                          .message = {.host = {}, .instance = {}, .queue_id = {}, .entered = at}};
  if (const auto known = delivery(); known && !before(*known, delivered)) return;
  drop([&](const ListEvent& event) { return ends_with_delivery(event) && before(event.id, delivered); });
  insert({.id = delivered, .details = {}});
}

std::optional<EventId> KeptEvents::delivery() const {
  const auto newest = std::find_if(events_.rbegin(), events_.rend(), [](const ListEvent& event) {
    return event.id.kind == ListEventKind::delivery;
  });
  if (newest == events_.rend()) return {};
  return newest->id;
}

bool KeptEvents::forget(const EventId& event) {
  return !drop([&](const ListEvent& kept) { return same_event(kept.id, event); }).empty();
}

bool KeptEvents::crosses_checkpoint(std::span<const ListEvent> kept, std::span<const ListEvent> read) const {
  const auto counts = [&](const ListEvent& event) { return before(checkpoint_->last, event.id); };
  return checkpoint_ && std::any_of(kept.begin(), kept.end(), counts) &&
         !std::all_of(read.begin(), read.end(), counts);
}

bool KeptEvents::only_deliveries() const {
  return !checkpoint_ && std::all_of(events_.begin(), events_.end(), [](const ListEvent& event) {
    return event.id.kind == ListEventKind::delivery;
  });
}

void KeptEvents::drop_old_deliveries() {
  if (events_.size() > kMostDeliveriesAlone)
    events_.erase(events_.begin(), events_.end() - static_cast<std::ptrdiff_t>(kMostDeliveriesAlone));
}

KeptEvents::Trimmed KeptEvents::trim(const FoldInput& input, Time clock, std::size_t most) {
  Trimmed trimmed;
  if (const auto delivery = settled_delivery(input, clock)) {
    trimmed.settled = drop([&](const ListEvent& event) {
      return ends_with_delivery(event) && event.id.ended < delivery->ended - kReadingsApart;
    });
  }
  if (events_.size() > most) trimmed.folded = fold_oldest(input, events_.size() - most);
  return trimmed;
}

void KeptEvents::fold_beyond(const FoldInput& input, std::size_t most) {
  if (events_.size() > most) fold_oldest(input, events_.size() - most);
}

std::vector<EventId> KeptEvents::fold_oldest(const FoldInput& input, std::size_t count) {
  if (!checkpoint_) checkpoint_.emplace();
  checkpoint_->last = events_[count - 1].id;
  for (const auto* event : standing(events_, input))
    if (!before(checkpoint_->last, event->id)) step(checkpoint_->state, *event, input);
  return drop([&](const ListEvent& event) { return !before(checkpoint_->last, event.id); });
}

std::vector<EventId> KeptEvents::drop_old_failures(const FoldInput& input, Time clock) {
  const auto& policy = input.settings.newest().policy;
  const auto keep = policy.stale_after > kKeepFailures / 2 ? policy.stale_after : kKeepFailures / 2;
  const auto failed = [](const ListEvent& event) { return event.id.kind == ListEventKind::failure; };
  // All or none: an old failure may be part of the streak of a newer one.
  const auto newest = std::find_if(events_.rbegin(), events_.rend(), failed);
  if (newest == events_.rend() || (clock - newest->id.ended) / 2 < keep) return {};
  const bool open = std::any_of(events_.begin(), events_.end(), [&](const ListEvent& event) {
    return event.id.kind == ListEventKind::delivery && !settled(event.id, input, clock);
  });
  if (open || !fold(input).nothing_learned(policy, clock)) return {};
  return drop(failed);
}

std::optional<EventId> KeptEvents::settled_delivery(const FoldInput& input, Time clock) const {
  const bool any = std::any_of(events_.begin(), events_.end(), [&](const ListEvent& event) {
    return event.id.kind == ListEventKind::delivery && settled(event.id, input, clock);
  });
  if (!any) return {};
  const auto counting = standing(events_, input);
  const auto newest = std::find_if(counting.rbegin(), counting.rend(), [&](const ListEvent* event) {
    return event->id.kind == ListEventKind::delivery && settled(event->id, input, clock);
  });
  if (newest == counting.rend()) return {};
  return (*newest)->id;
}

ListState KeptEvents::fold(const FoldInput& input) const {
  return suppressd::fold(events_, input, checkpoint_ ? checkpoint_->state : ListState{});
}

template <typename Gone>
std::vector<EventId> KeptEvents::drop(Gone gone) {
  std::vector<EventId> ids;
  std::erase_if(events_, [&](const ListEvent& event) {
    if (!gone(event)) return false;
    ids.push_back(event.id);
    return true;
  });
  return ids;
}

void KeptEvents::insert(ListEvent event) {
  events_.insert(std::upper_bound(events_.begin(), events_.end(), event, earlier), std::move(event));
}

}  // namespace suppressd
