// What must hold for the fold of any set of events; the model test checks it for many more sets.
#pragma once

#include <string>

#include "fold_fixture.h"

namespace suppressd::fold_test {

/// What a person sees at a time, without the events from which it follows.
struct Shown {
  std::vector<ListEntry> entries;
  std::size_t streak = 0;
  int hard_step = 0;
  int soft_step = 0;

  bool operator==(const Shown&) const = default;
};

inline Shown shown(const ListState& state, const PolicySettings& policy, Time at) {
  Shown shown{.streak = state.streak(policy, at).size(),
              .hard_step = state.hard_ladder.step,
              .soft_step = state.soft_ladder.step};
  for (const auto& entry : state.entries)
    if (entry.shown(at)) shown.entries.push_back(entry);
  return shown;
}

inline bool is_learned(const ListEntry& entry) {
  return entry.kind == SuppressionKind::hard || entry.kind == SuppressionKind::soft;
}

class Properties {
 public:
  explicit Properties(RandomSet& set)
      : set_(set),
        input_(set.input()),
        policy_(set.policy()),
        end_(set.newest()),
        base_(fold(set.events(), input_)) {}

  /// The names of the properties that do not hold, each with a space after it.
  std::string broken() {
    const auto now = end_ + set_.pick({Duration(0), Duration(kDay), Duration(40 * kDay)});
    of_the_state(now);
    of_further_events();
    of_deliveries();
    return broken_;
  }

 private:
  void want(bool holds, const char* name) {
    if (!holds) broken_ += std::string(name) + " ";
  }

  ListState with(std::vector<ListEvent> further) const {
    auto events = set_.events();
    std::move(further.begin(), further.end(), std::back_inserter(events));
    return fold(merge_readings(std::move(events)), input_);
  }

  void of_the_state(Time now) {
    auto in_force = 0;
    std::size_t soft = 0;
    for (const auto& entry : base_.entries) {
      if (is_learned(entry) && entry.in_force(now)) ++in_force;
      if (!is_learned(entry) || entry.state == SuppressionState::suspended) continue;
      want(!base_.delivery || entry.since >= base_.delivery->ended, "entry-before-newest-delivery");
    }
    for (const auto* event : standing(set_.events(), input_))
      if (event->failure() != nullptr && event->failure()->action == Action::soft) ++soft;
    want(in_force < 2, "two-in-force");
    want(base_.streak(policy_, now).size() <= soft, "streak-beyond-failures");
    want(base_.soft_set.empty() == !base_.newest_soft, "newest-soft-without-set");
    auto twice = set_.events();
    std::reverse(twice.begin(), twice.end());
    want(with(std::move(twice)) == base_, "read-twice");
  }

  void of_further_events() {
    auto older = base_;
    older.delivery.reset();
    auto with_older =
        with({event_of(ListEventKind::delivery, kStart - 200 * kDay, kStart - 200 * kDay, "old")});
    if (base_.delivery) want(with_older.delivery == base_.delivery, "older-delivery-newest");
    with_older.delivery.reset();
    want(with_older == older, "older-delivery");

    const auto after = with({event_of(ListEventKind::delivery, end_, end_, "zz")});
    // Acts of that second come after it.
    const bool acts = std::any_of(set_.events().begin(), set_.events().end(), [&](const ListEvent& event) {
      return event.id.ended == end_ && event.id.kind > ListEventKind::delivery;
    });
    if (!acts) {
      for (const auto& entry : after.entries)
        want(!is_learned(entry) || entry.state == SuppressionState::suspended, "delivery-after-all");
      want(after.soft_set.empty(), "streak-after-delivery");
    }

    const auto lift = act_of(ListEventKind::lift, end_, 1'000'000);
    const auto lifted = with({lift});
    want(lifted == ListState{.delivery = base_.delivery}, "lift");
    want(with({lift, revert_of(end_ + Duration(1), 1'000'001, lift.id)}) == base_, "lift-reverted");
    of_a_sure_failure();
  }

  void of_a_sure_failure() {
    const auto at = end_ + Duration(1);
    const auto state = with({failure_of(Action::hard, at, at, "zz")});
    const auto* hard = state.find(SuppressionKind::hard);
    const auto* before = base_.find(SuppressionKind::hard);
    const bool pending = before != nullptr && before->state == SuppressionState::pending && before->shown(at);
    const auto later = pending ? at - before->ref.message.entered : Duration{};
    const bool too_soon = pending && later < kConfirmAfter;
    const auto* incident = set_.incident_at(at);
    const bool beside_another = std::ranges::any_of(
        base_.entries, [&](const ListEntry& entry) { return is_learned(entry) && entry.in_force(at); });
    if (pending && incident != nullptr && !beside_another) {
      const bool same = incident == set_.incident_at(before->since);
      want(
          hard != nullptr && hard->state == (same && later >= kConfirmInIncident ? SuppressionState::active
                                                                                 : SuppressionState::pending),
          "incident-confirms");
      return;
    }
    if (!set_.is_pending(at) && too_soon) {
      want(hard != nullptr && hard->state == SuppressionState::pending, "confirmed-too-soon");
      return;
    }
    if (!set_.is_pending(at)) {
      const bool timed = policy_.known_good_ladder != std::vector{kForever} && base_.delivery;
      want(hard != nullptr && hard->state == SuppressionState::active && (!hard->until || timed),
           "sure-failure");
      return;
    }
    for (const auto& entry : base_.entries)
      if (is_learned(entry) && entry.in_force(at))
        want(state.find(entry.kind) != nullptr && *state.find(entry.kind) == entry, "pending-beside-entry");
  }

  void of_deliveries() {
    std::vector<EventId> deliveries;
    std::vector<Time> failures;
    for (const auto* event : standing(set_.events(), input_)) {
      if (event->id.kind == ListEventKind::delivery) deliveries.push_back(event->id);
      if (event->id.kind == ListEventKind::failure) failures.push_back(event->id.ended);
    }
    if (deliveries.size() > 2) deliveries.resize(2);
    for (const auto& delivery : deliveries) {
      auto without = set_.events();
      std::erase_if(without, [&](const ListEvent& event) { return event.id == delivery; });
      want(with({take_back_of(delivery.ended, delivery)}) == fold(without, input_), "take-back");
    }
    if (failures.empty()) return;
    // A late delivery may uncover failures that make an entry, but none of failures before it.
    const auto at = set_.pick(failures);
    const auto late = with({event_of(ListEventKind::delivery, at, at, "zz")});
    for (const auto& entry : late.entries)
      want(!is_learned(entry) || entry.state == SuppressionState::suspended || entry.since >= at,
           "late-delivery-makes-older-entry");
  }

  RandomSet& set_;
  FoldInput input_;
  const PolicySettings& policy_;
  Time end_;
  ListState base_;
  std::string broken_;
};

}  // namespace suppressd::fold_test
