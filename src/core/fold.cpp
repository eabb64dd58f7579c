#include "suppressd/core/fold.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "suppressd/core/known_good.h"

namespace suppressd {
namespace {

Duration step_of(const std::vector<Duration>& ladder, int step) {
  if (ladder.empty()) return kForever;
  return ladder[std::min(static_cast<std::size_t>(step), ladder.size() - 1)];
}

// A report may have neither host nor instance.
bool same_send(const MessageKey& a, const MessageKey& b) {
  return is_about(a, b) || is_about(b, a);
}

// One event applied to one state.
class Step {
 public:
  Step(ListState& state, const ListEvent& event, const FoldInput& input)
      : state_(state),
        event_(event),
        id_(event.id),
        at_(event.id.ended),
        input_(input),
        policy_(input.settings.at(at_).policy) {}

  void run() {
    if (const auto* hard = find(SuppressionKind::hard); hard != nullptr && !hard->shown(at_))
      remove(SuppressionKind::hard);
    switch (id_.kind) {
      case ListEventKind::failure:
        if (event_.failure() != nullptr) failed(*event_.failure());
        break;
      case ListEventKind::delivery:
        delivered();
        break;
      case ListEventKind::complaint:
        by_hand({.kind = SuppressionKind::complaint,
                 .until = {},
                 .scope = event_.addition() != nullptr ? event_.addition()->scope : std::string{}});
        break;
      case ListEventKind::add:
        if (event_.addition() != nullptr) by_hand(*event_.addition());
        break;
      case ListEventKind::lift:
        lifted(event_.lift() != nullptr ? *event_.lift() : LiftDetails{});
        break;
      case ListEventKind::reconfirm:
        test_again(SuppressionKind::hard, state_.hard_ladder);
        test_again(SuppressionKind::soft, state_.soft_ladder);
        break;
      case ListEventKind::confirm:
        if (auto* hard = find(SuppressionKind::hard);
            hard != nullptr && hard->state == SuppressionState::pending)
          activate(*hard);
        break;
      case ListEventKind::take_back:
      case ListEventKind::undo:
      case ListEventKind::revert:
        break;
    }
  }

 private:
  void failed(const FailureDetails& failure) {
    if (failure.action == Action::hard) hard_failure(failure);
    if (failure.action == Action::soft) soft_failure(failure);
  }

  // Nothing before it counts any more. A hard failure is still shown, but refuses no one.
  void delivered() {
    state_.soft_set.clear();
    state_.newest_soft.reset();
    state_.hard_ladder = {};
    state_.soft_ladder = {};
    remove(SuppressionKind::soft);
    remove(SuppressionKind::hard);
    if (state_.hard_failure) put(*state_.hard_failure);
    state_.delivery = id_;
  }

  // Ends the entries and all that would bring them back; of one kind or scope, what the others rest on stays.
  void lifted(const LiftDetails& which) {
    auto kept = std::move(state_.entries);
    std::erase_if(kept, [&](const ListEntry& entry) {
      return (!which.kind || entry.kind == *which.kind) && (!which.scope || entry.scope == *which.scope);
    });
    const bool for_all_mail = !which.scope || which.scope->empty();
    if (!which.kind && for_all_mail) state_ = {.delivery = std::move(state_.delivery)};
    state_.entries = std::move(kept);
    if (!which.kind || !for_all_mail) return;
    if (*which.kind == SuppressionKind::hard) {
      state_.hard_failure.reset();
      state_.hard_ladder = {};
    }
    if (*which.kind == SuppressionKind::soft) {
      state_.soft_set.clear();
      state_.newest_soft.reset();
      state_.soft_ladder = {};
    }
  }

  // The entry is half open (half_open.h) from now on.
  void test_again(SuppressionKind kind, Ladder& ladder) {
    auto* entry = find(kind);
    if (entry == nullptr || !entry->in_force(at_)) return;
    entry->was_permanent = entry->was_permanent || !entry->until;
    entry->until = at_;
    ladder.idle_since = at_;
  }

  // Whether an entry of this kind that is replaced now had no end before a message tested it.
  bool was_permanent(SuppressionKind kind) {
    const auto* entry = find(kind);
    return entry != nullptr && entry->was_permanent && entry->until &&
           at_ - *entry->until < policy_.stale_after;
  }

  void hard_failure(const FailureDetails& failure) {
    const auto* incident = incident_of(failure.provider, at_);
    const bool ours = is_our_fault(failure);
    const bool pending =
        incident != nullptr || ours || range_at(input_.brake, failure.provider, {}, at_) != nullptr;
    const bool sure = failure.certainty() == Certainty::sure;
    if (!pending)
      state_.hard_failure = entry_for(SuppressionKind::hard, SuppressionState::suspended, failure);

    auto* hard = find(SuppressionKind::hard);
    if (hard != nullptr && hard->in_force(at_)) {
      if (sure && !pending && hard->certainty != Certainty::sure) make_permanent(*hard, failure);
    } else if (in_force(SuppressionKind::soft) && (pending || !sure)) {
      return;
    } else if (hard != nullptr && hard->state == SuppressionState::pending) {
      pending_again(*hard, failure, incident, ours);
    } else {
      begin_hard(failure, pending);
    }
  }

  void begin_hard(const FailureDetails& failure, bool pending) {
    auto& ladder = state_.hard_ladder;
    start_again_if_stale(ladder);
    const auto state = pending ? SuppressionState::pending : SuppressionState::active;
    auto next = entry_for(SuppressionKind::hard, state, failure);
    next.was_permanent = was_permanent(SuppressionKind::hard);
    auto& entry = put(std::move(next));
    if (!pending) return activate(entry);
    entry.until = end_of(at_, kPendingFor);
    if (ladder.step > 0) ladder.idle_since = at_;
  }

  // What happens within a bad hour, or in two of them, does not tell that a mailbox is dead.
  void pending_again(ListEntry& entry, const FailureDetails& failure, const PendingRange* incident,
                     bool ours) {
    if (same_send(id_.message, entry.ref.message)) return;  // another event of the same send
    const auto later = id_.message.entered - entry.ref.message.entered;
    const bool confirmed =
        !ours && (incident == nullptr
                      ? later >= kConfirmAfter
                      : later >= kConfirmInIncident && incident == incident_of(entry.provider, entry.since));
    if (!confirmed) {
      entry.until = end_of(at_, kPendingFor);
      if (state_.hard_ladder.step > 0) state_.hard_ladder.idle_since = at_;
      return;
    }
    if (failure.certainty() == Certainty::sure && entry.certainty != Certainty::sure) judge(entry, failure);
    activate(entry);
  }

  // The entry takes its step on the ladder, its time begins, and a soft entry in force ends.
  void activate(ListEntry& entry) {
    auto& ladder = state_.hard_ladder;
    entry.state = SuppressionState::active;
    entry.until = std::exchange(entry.was_permanent, false) ? std::nullopt
                                                            : end_of(at_, hard_length(entry, ladder.step));
    ++ladder.step;
    ladder.idle_since = entry.until;
    if (!in_force(SuppressionKind::soft)) return;
    remove(SuppressionKind::soft);  // invalidates `entry`
    state_.soft_ladder.idle_since = at_;
  }

  Duration hard_length(const ListEntry& entry, int step) const {
    switch (entry.certainty) {
      case Certainty::weak:
        return step_of(policy_.weak_ladder, step);
      case Certainty::bad_domain:
        return step_of(policy_.bad_domain_ladder, step);
      case Certainty::sure:
        break;
    }
    return was_known_good(entry.since) ? step_of(policy_.known_good_ladder, step) : kForever;
  }

  bool was_known_good(Time failed) const {
    return state_.delivery && is_known_good(state_.delivery->ended, failed);
  }

  // The entry keeps its date and ref.
  void make_permanent(ListEntry& entry, const FailureDetails& failure) {
    judge(entry, failure);
    entry.until.reset();
    state_.hard_ladder.idle_since.reset();
  }

  void soft_failure(const FailureDetails& failure) {
    if (range_at(input_.local, {}, {.host = id_.message.host}, at_) != nullptr) return;
    if (in_force(SuppressionKind::hard) || in_force(SuppressionKind::soft)) return;
    auto& set = state_.soft_set;
    if (state_.newest_soft && at_ - *state_.newest_soft >= policy_.stale_after) set.clear();
    // A window failure and the end of one send are one failed send.
    if (std::any_of(set.begin(), set.end(),
                    [&](const SoftFailure& known) { return same_send(known.message, id_.message); }))
      return;
    set.insert(std::upper_bound(set.begin(), set.end(), id_.message, entered_before),
               {.message = id_.message, .ended = at_});
    if (set.size() > kMostSoft) drop_uncounted(set, policy_.min_interval);
    state_.newest_soft = at_;

    auto& ladder = state_.soft_ladder;
    start_again_if_stale(ladder);
    if (ladder.step == 0 && count_streak(set, policy_.min_interval) < policy_.threshold) return;
    if (input_.of_domain && at_ - set.front().ended < kDomainAway) return;
    const bool permanent = was_permanent(SuppressionKind::soft);
    auto& entry = put(entry_for(SuppressionKind::soft, SuppressionState::active, failure));
    if (!permanent) entry.until = end_of(at_, step_of(policy_.soft_ladder, ladder.step));
    ++ladder.step;
    ladder.idle_since = entry.until;
  }

  static bool entered_before(const MessageKey& message, const SoftFailure& failure) {
    const auto& other = failure.message;
    return std::tie(message.entered, message.host, message.instance, message.queue_id) <
           std::tie(other.entered, other.host, other.instance, other.queue_id);
  }

  // An entry of this kind that is in force keeps its date and ref, and gets the new end.
  void by_hand(const AddDetails& addition) {
    auto* entry = find(addition.kind, addition.scope);
    if (entry == nullptr || !entry->in_force(at_))
      entry = &put({.kind = addition.kind, .since = at_, .ref = id_, .scope = addition.scope});
    entry->until = addition.until;
  }

  void start_again_if_stale(Ladder& ladder) const {
    if (ladder.step > 0 && ladder.idle_since && at_ - *ladder.idle_since >= policy_.stale_after) ladder = {};
  }

  // Our own resolver or network failed, or what was said may blame us.
  bool is_our_fault(const FailureDetails& failure) const {
    const OurSide sent{
        .host = id_.message.host, .sender_domain = failure.sender_domain, .campaign = failure.campaign};
    return (failure.category == Category::bad_domain && range_at(input_.local, {}, sent, at_) != nullptr) ||
           (failure.weak && range_at(input_.senders, failure.provider, sent, at_) != nullptr);
  }

  const PendingRange* incident_of(std::string_view provider, Time at) const {
    return incident_at(input_.incidents, provider, input_.domain, at);
  }

  ListEntry entry_for(SuppressionKind kind, SuppressionState state, const FailureDetails& failure) const {
    ListEntry entry{.kind = kind, .state = state, .since = at_, .ref = id_};
    judge(entry, failure);
    return entry;
  }

  static void judge(ListEntry& entry, const FailureDetails& failure) {
    entry.category = failure.category;
    entry.certainty = failure.certainty();
    entry.rule = failure.rule;
    entry.provider = failure.provider;
  }

  ListEntry* find(SuppressionKind kind, std::string_view scope = {}) { return state_.find(kind, scope); }

  bool in_force(SuppressionKind kind) const {
    const auto* entry = state_.find(kind);
    return entry != nullptr && entry->in_force(at_);
  }

  // Replaces the entry of its kind and scope.
  ListEntry& put(ListEntry entry) {
    const auto key = [](const ListEntry& of) { return std::tie(of.kind, of.scope); };
    auto& entries = state_.entries;
    const auto place = std::find_if(entries.begin(), entries.end(),
                                    [&](const ListEntry& other) { return key(other) >= key(entry); });
    if (place == entries.end() || key(*place) != key(entry)) return *entries.insert(place, std::move(entry));
    return *place = std::move(entry);
  }

  // Of hard and soft ones, which are for all mail.
  void remove(SuppressionKind kind) {
    std::erase_if(state_.entries, [&](const ListEntry& entry) { return entry.kind == kind; });
  }

  ListState& state_;
  const ListEvent& event_;
  const EventId& id_;
  const Time at_;
  const FoldInput& input_;
  const PolicySettings& policy_;
};

}  // namespace

const PendingRange* range_at(std::span<const PendingRange> ranges, std::string_view provider,
                             std::string_view domain, Time at) {
  const auto next = std::upper_bound(ranges.begin(), ranges.end(), std::tie(provider, domain, at),
                                     [](const auto& place, const PendingRange& range) {
                                       return place < std::tuple<std::string_view, std::string_view, Time>(
                                                          range.provider, range.domain, range.begin);
                                     });
  if (next == ranges.begin()) return nullptr;
  const auto& range = *std::prev(next);
  return range.provider == provider && range.domain == domain && at < range.end ? &range : nullptr;
}

const OwnRange* range_at(std::span<const OwnRange> ranges, std::string_view provider, const OurSide& sent,
                         Time at) {
  const auto found = std::ranges::find_if(ranges, [&](const OwnRange& range) {
    return at >= range.begin && at < range.end && range.provider == provider && covers(range.side, sent);
  });
  return found != ranges.end() ? &*found : nullptr;
}

const PendingRange* incident_at(std::span<const PendingRange> incidents, std::string_view provider,
                                std::string_view domain, Time at) {
  const auto* of_domain = range_at(incidents, provider, domain, at);
  return of_domain != nullptr ? of_domain : range_at(incidents, provider, {}, at);
}

void step(ListState& state, const ListEvent& event, const FoldInput& input) {
  Step(state, event, input).run();
}

ListState fold(std::span<const ListEvent> events, const FoldInput& input, ListState start) {
  for (const auto* event : standing(events, input)) step(start, *event, input);
  return start;
}

}  // namespace suppressd
