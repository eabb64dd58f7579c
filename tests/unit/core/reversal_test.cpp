#include "suppressd/core/reversal.h"

#include <algorithm>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "suppressd/core/tracker.h"

namespace suppressd {
namespace {

using std::chrono::hours;

const Time kStart = from_unix(1'790'000'000);

Evidence evidence_at(Time at, std::string_view what, std::string_view queue_id) {
  Evidence evidence;
  evidence.address = "a@b.example";
  evidence.at = at;
  evidence.entered = at;
  evidence.what = what;
  evidence.queue_id = queue_id;
  evidence.provider = "b.example";
  return evidence;
}

Outcome delivered(Duration after, std::string_view queue_id) {
  return {.kind = Outcome::Kind::delivered,
          .message = {},
          .evidence = evidence_at(kStart + after, "delivered", queue_id)};
}

Outcome failed(Duration after, Action action, std::string_view queue_id, bool weak = false) {
  Outcome outcome{
      .kind = Outcome::Kind::failed, .action = action, .weak = weak, .message = {}, .evidence = {}};
  outcome.evidence = evidence_at(kStart + after, "failed", queue_id);
  outcome.evidence.action = name_of(action);
  outcome.evidence.weak = weak;
  outcome.evidence.category = action == Action::hard   ? "bad-mailbox"
                              : action == Action::soft ? "mailbox-full"
                                                       : "blocked";
  return outcome;
}

std::string text_of(const AddressRecord& record) {
  std::ostringstream text;
  const auto time = [](const std::optional<Time>& at) { return at ? format_time(*at) : "-"; };
  const auto& r = record.recipient;
  text << time(r.last_delivery) << r.last_delivery_id << " streak " << r.streak << " since "
       << time(r.streak_since) << " failed " << time(r.last_failure) << time(r.last_failure_entered)
       << r.last_category << " steps " << r.soft_step << r.hard_step;
  for (const auto& entry : record.entries)
    if (entry)
      text << "\n"
           << name_of(entry->kind) << name_of(entry->state) << time(entry->since) << time(entry->until)
           << time(entry->contradicted_at);
  return text.str();
}

/// What counts from now on.
std::string state_of(const AddressRecord& record, Time now) {
  const auto& r = record.recipient;
  std::string text = "streak " + std::to_string(r.streak) + " steps " + std::to_string(r.soft_step) + " " +
                     std::to_string(r.hard_step);
  for (const auto& entry : record.entries)
    if (entry && entry->in_force(now))
      text += " " + std::string(name_of(entry->kind)) + " since " + format_time(entry->since);
  return text;
}

/// What the learner keeps while events come.
struct History {
  AddressRecord record{.address = "a@b.example"};
  std::vector<Evidence> failures;
  std::vector<Delivery> deliveries;
  bool keep_all = false;

  void take(const Outcome& outcome, const Policy& policy) {
    Brake brake{0};
    take(outcome, policy, brake);
  }
  void take(Outcome outcome, const Policy& policy, Brake& brake) {
    if (outcome.kind == Outcome::Kind::delivered) {
      auto delivery = delivery_of(outcome, record);
      if (keep_all || matters(record, delivery.at)) deliveries.push_back(std::move(delivery));
    } else {
      outcome.evidence.id = static_cast<std::int64_t>(failures.size()) + 1;
      failures.push_back(outcome.evidence);
    }
    for (const auto kind : policy.apply(outcome, record, brake).rests_on)
      record.entry(kind)->evidence_id = outcome.evidence.id;
  }

  /// False: nothing was kept of it.
  bool take_back(std::string_view queue_id, const Policy& policy) {
    const auto found = std::ranges::find(deliveries, queue_id, &Delivery::queue_id);
    if (found == deliveries.end()) return false;
    const Delivery delivery = *found;
    SinceThen since_then;
    for (const auto& failure : failures)
      if (failure.at > delivery.at) since_then.failures.push_back(failure);
    since_then.deliveries.assign(std::next(found), deliveries.end());
    result = reverse_delivery(record, delivery, since_then, policy,
                              evidence_at(kStart + hours(10'000), "failed", queue_id));
    std::ranges::copy(since_then.deliveries, std::next(found));
    deliveries.erase(found);
    return true;
  }
  PolicyResult result;
};

TEST(Reversal, the_streak_and_the_entry_are_as_if_the_delivery_had_never_been) {
  const Policy policy{PolicySettings{}};
  History history;
  for (int day = 0; day < 3; ++day)
    history.take(failed(hours(24 * day), Action::soft, "F" + std::to_string(day)), policy);
  ASSERT_TRUE(history.record.entry(SuppressionKind::soft)->in_force(kStart + hours(60)));
  const auto before = text_of(history.record);
  history.take(delivered(hours(72), "D1"), policy);
  EXPECT_FALSE(history.record.entry(SuppressionKind::soft)->in_force(kStart + hours(73)));
  ASSERT_TRUE(history.take_back("D1", policy));
  EXPECT_EQ(text_of(history.record), before);
  EXPECT_EQ(history.record.recipient.streak, 3);
}

TEST(Reversal, an_entry_that_stands_again_is_told) {
  const Policy policy{PolicySettings{.soft_ladder = {kForever}}};
  History history;
  for (int day = 0; day < 3; ++day)
    history.take(failed(hours(24 * day), Action::soft, "F" + std::to_string(day)), policy);
  history.take(delivered(hours(72), "D1"), policy);
  history.take_back("D1", policy);
  ASSERT_EQ(history.result.changes.size(), 1u);
  EXPECT_EQ(history.result.changes[0].act, "restored");
  EXPECT_EQ(history.result.changes[0].kind, "soft");
}

TEST(Reversal, a_gateway_that_accepts_everything_still_builds_a_streak) {
  const Policy policy{PolicySettings{}};
  History history;
  for (int day = 0; day < 3; ++day) {
    const auto id = std::to_string(day);
    history.take(delivered(hours(24 * day), "D" + id), policy);
    history.take_back("D" + id, policy);
    history.take(failed(hours(24 * day + 1), Action::soft, "D" + id), policy);
    EXPECT_EQ(history.record.recipient.streak, day + 1);
  }
  EXPECT_TRUE(history.record.entry(SuppressionKind::soft)->in_force(kStart + hours(50)));
}

TEST(Reversal, an_act_by_hand_since_then_stands) {
  const Policy policy{PolicySettings{}};
  History history;
  history.take(failed(hours(0), Action::soft, "F0"), policy);
  history.take(delivered(hours(24), "D1"), policy);
  history.record.recipient.last_manual = kStart + hours(30);
  const auto before = text_of(history.record);
  history.take_back("D1", policy);
  EXPECT_EQ(text_of(history.record), before);
}

TEST(Reversal, what_the_brake_held_back_takes_no_step_when_it_is_applied_again) {
  const Policy policy{PolicySettings{}};
  for (const bool confirmed : {false, true}) {
    History with;
    History without;
    with.take(failed(hours(0), Action::soft, "F0"), policy);
    without.take(failed(hours(0), Action::soft, "F0"), policy);
    with.take(delivered(hours(24), "D1"), policy);
    for (History* const history : {&with, &without}) {
      Brake full{1};
      full.count_hard("b.example", kStart + hours(48));
      history->take(failed(hours(48), Action::hard, "F1", true), policy, full);
      ASSERT_EQ(history->record.entry(SuppressionKind::hard)->state, SuppressionState::pending);
      if (confirmed) history->take(failed(hours(48 + 72), Action::hard, "F2", true), policy);
    }
    ASSERT_TRUE(with.take_back("D1", policy));
    EXPECT_EQ(text_of(with.record), text_of(without.record));
  }
}

// Random histories: with a delivery that is taken back, and without it from the beginning.
TEST(Reversal, any_history_ends_as_if_the_delivery_had_never_been) {
  const Policy policy{PolicySettings{.threshold = 2,
                                     .min_interval = hours(5),
                                     .soft_ladder = {hours(20), hours(60), kForever},
                                     .weak_ladder = {hours(30), kForever}}};
  std::mt19937 dice(20261121);
  int taken_back = 0;
  for (int run = 0; run < 20'000; ++run) {
    std::vector<Outcome> events;
    Duration at{0};
    const auto count = 3 + dice() % 9;
    std::size_t none = count;
    for (std::size_t i = 0; i < count; ++i) {
      at += hours(1 + dice() % 30);
      const auto id = std::to_string(i);
      switch (dice() % 6) {
        case 0:
        case 1:
          events.push_back(delivered(at, id));
          none = i;
          break;
        case 2:
          events.push_back(failed(at, Action::hard, id, dice() % 2 == 0));
          break;
        case 3:
          events.push_back(failed(at, Action::none, id));
          break;
        default:
          events.push_back(failed(at, Action::soft, id));
      }
    }
    if (none == count) continue;
    // Any of the deliveries, not always the last.
    for (std::size_t i = 0; i < none; ++i)
      if (events[i].kind == Outcome::Kind::delivered && dice() % 2 == 0) none = i;
    History with{.keep_all = dice() % 2 == 0};
    History without{.keep_all = true};
    for (std::size_t i = 0; i < events.size(); ++i) {
      with.take(events[i], policy);
      if (i != none) without.take(events[i], policy);
    }
    if (!with.take_back(std::to_string(none), policy)) continue;
    ++taken_back;
    if (with.keep_all) {
      ASSERT_EQ(text_of(with.record), text_of(without.record)) << "run " << run;
    } else {
      // Of deliveries in a row that were not kept only the newest is known, so an entry that it ended may
      // have begun at another time.
      ASSERT_EQ(state_of(with.record, kStart + at), state_of(without.record, kStart + at)) << "run " << run;
    }
  }
  EXPECT_GT(taken_back, 5'000);
}

}  // namespace
}  // namespace suppressd
