#include "suppressd/core/kept_events.h"

#include <gtest/gtest.h>

#include "fold_fixture.h"
#include "fold_properties.h"

namespace suppressd {
namespace {

using namespace fold_test;
using What = KeptEvents::Taken;

class KeptEventsTest : public testing::Test {
 protected:
  static ListEvent soft(Duration at, std::string queue_id) {
    return failure_of(Action::soft, kStart + at, kStart + at, std::move(queue_id), Category::mailbox_full);
  }
  static ListEvent delivery(Duration at, std::string queue_id) {
    return event_of(ListEventKind::delivery, kStart + at, kStart + at, std::move(queue_id));
  }

  SettingsHistory settings;
  FoldInput input{.settings = settings};
  KeptEvents kept;
};

TEST_F(KeptEventsTest, a_second_reading_changes_nothing_and_an_earlier_one_its_end_and_entry) {
  auto event = soft(1 * kDay, "1Q");
  EXPECT_EQ(kept.take(event), What::added);
  EXPECT_EQ(kept.take(event), What::known);
  auto later = event;
  later.id.ended += Duration(1);
  later.id.message.entered += Duration(2);
  EXPECT_EQ(kept.take(later), What::known);
  auto earlier = event;
  earlier.id.ended -= Duration(1);
  earlier.details =
      FailureDetails{.action = Action::hard, .category = Category::bad_mailbox, .rule = {}, .provider = {}};
  ASSERT_EQ(kept.events().front().id, event.id);
  EXPECT_EQ(kept.take(earlier), What::earlier);
  ASSERT_EQ(kept.events().size(), 1U);
  EXPECT_EQ(kept.events().front().id, earlier.id);
  EXPECT_EQ(kept.events().front().failure()->action, Action::hard) << "it says what ended then";
  EXPECT_EQ(kept.take(event), What::known);
  EXPECT_EQ(kept.events().front().failure()->action, Action::hard) << "in either order";
}

TEST_F(KeptEventsTest, evidence_of_an_event_that_is_kept_is_known_in_another_reading_too) {
  Outcome outcome{.kind = OutcomeKind::failed, .ended_by = EndedBy::expired, .at = kStart};
  outcome.message = {.host = "a", .instance = "postfix", .queue_id = "1Q", .entered = kStart};
  outcome.reason.judgement.action = Action::soft;
  EXPECT_FALSE(kept.keeps(events_of(outcome)));
  kept.take(soft(0 * kDay, "1Q"));
  EXPECT_TRUE(kept.keeps(events_of(outcome)));
  outcome.at += Duration(2);
  outcome.message.entered += Duration(2);
  EXPECT_TRUE(kept.keeps(events_of(outcome)));
  outcome.reason.judgement.action = Action::none;
  EXPECT_FALSE(kept.keeps(events_of(outcome))) << "no event";
  outcome.reason.judgement.action = Action::soft;
  outcome.ended_by = EndedBy::window;
  EXPECT_FALSE(kept.keeps(events_of(outcome))) << "another event of the same send";
}

TEST_F(KeptEventsTest, a_reading_before_the_checkpoint_does_not_take_an_event_that_counts_with_it) {
  for (int i = 0; i < 70; ++i) kept.take(delivery(Duration{i * 10}, std::to_string(i) + "Q"));
  const auto counts = failure_of(Action::hard, kStart + 1 * kDay, kStart, "FQ");
  kept.take(counts);
  kept.fold_beyond(input);
  ASSERT_TRUE(kept.checkpoint());
  auto earlier = counts;
  earlier.id.ended = kept.checkpoint()->last.ended - Duration{1};
  EXPECT_TRUE(kept.crosses_checkpoint(std::vector{counts}, std::vector{earlier}));
  EXPECT_FALSE(kept.crosses_checkpoint(std::vector{counts}, std::vector{counts}));
  EXPECT_FALSE(kept.crosses_checkpoint(std::vector{earlier}, std::vector{earlier}));
}

TEST_F(KeptEventsTest, a_settled_delivery_drops_soft_failures_before_it) {
  kept.take(soft(0 * kDay, "1Q"));
  kept.take(delivery(1 * kDay, "2Q"));
  kept.take(failure_of(Action::hard, kStart + 1 * kDay, kStart, "3Q"));
  kept.take(delivery(2 * kDay, "4Q"));
  kept.take(soft(3 * kDay, "5Q"));
  EXPECT_TRUE(kept.trim(input, kStart + 31 * kDay).empty());  // a report may still take back that of day 1
  EXPECT_EQ(kept.trim(input, kStart + 31 * kDay + Duration(1)).settled.size(), 1U);
  EXPECT_EQ(kept.trim(input, kStart + 32 * kDay + Duration(1)).settled.size(), 1U);
  EXPECT_EQ(kept.settled_delivery(input, kStart + 40 * kDay), delivery(2 * kDay, "4Q").id);
  EXPECT_EQ(kept.events().size(), 3U);
}

TEST_F(KeptEventsTest, a_delivery_that_was_taken_back_settles_nothing) {
  kept.take(soft(0 * kDay, "1Q"));
  kept.take(take_back_of(kStart + 2 * kDay, delivery(1 * kDay, "2Q").id));  // waits for its delivery
  kept.take(delivery(1 * kDay, "2Q"));
  EXPECT_TRUE(kept.trim(input, kStart + 90 * kDay).empty());
  EXPECT_EQ(kept.settled_delivery(input, kStart + 90 * kDay), std::nullopt);
  EXPECT_EQ(kept.fold(input).soft_set.size(), 1U);
}

TEST_F(KeptEventsTest, a_reading_with_a_later_end_of_a_dropped_failure_does_not_count_again) {
  kept.take(soft(0 * kDay, "1Q"));
  kept.take(delivery(kHour / 2, "2Q"));
  kept.trim(input, kStart + 90 * kDay);
  auto again = soft(0 * kDay, "1Q");
  again.id.ended += kHour;
  kept.take(again);
  EXPECT_TRUE(kept.fold(input).soft_set.empty());
}

TEST_F(KeptEventsTest, events_beyond_the_limit_become_a_checkpoint_from_which_the_fold_continues) {
  std::vector<ListEvent> all;
  for (int i = 0; i < 200; ++i) all.push_back(soft(i * kDay, std::to_string(i) + "Q"));
  KeptEvents::Trimmed trimmed;
  std::size_t folded = 0;
  for (const auto& event : all) {
    kept.take(event);
    trimmed = kept.trim(input, event.id.ended);
    folded += trimmed.folded.size();
    EXPECT_LE(kept.events().size(), kMostKept);
  }
  EXPECT_EQ(folded, all.size() - kMostKept);
  ASSERT_TRUE(kept.checkpoint());
  EXPECT_EQ(kept.checkpoint()->last, all[all.size() - kMostKept - 1].id);
  EXPECT_EQ(kept.fold(input), fold(all, input));
  EXPECT_EQ(kept.take(delivery(3 * kDay, "late")), What::evidence_only);
  const KeptEvents loaded(kept.events(), kept.checkpoint());
  EXPECT_EQ(loaded.fold(input), kept.fold(input));
}

TEST_F(KeptEventsTest, failures_without_an_entry_go_after_a_year_and_those_of_an_entry_stay) {
  kept.take(soft(0 * kDay, "1Q"));
  kept.take(soft(1 * kDay, "2Q"));
  EXPECT_TRUE(kept.drop_old_failures(input, kStart + 360 * kDay).empty());
  EXPECT_EQ(kept.drop_old_failures(input, kStart + 361 * kDay).size(), 2U);
  for (const auto day : {1, 2, 3}) kept.take(soft(day * kDay, std::to_string(day) + "S"));
  EXPECT_TRUE(kept.drop_old_failures(input, kStart + 900 * kDay).empty());
}

TEST_F(KeptEventsTest, failures_before_a_delivery_that_a_report_may_take_back_stay) {
  for (const auto day : {0, 1, 2}) kept.take(soft(day * kDay, std::to_string(day) + "S"));
  kept.take(delivery(400 * kDay, "1Q"));
  EXPECT_TRUE(kept.drop_old_failures(input, kStart + 401 * kDay).empty());
}

TEST_F(KeptEventsTest, old_failures_without_an_entry_do_not_matter_for_later_events) {
  int dropped = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    RandomSet set(seed, 12, {.take_backs = true, .acts_that_reach_back = true});
    KeptEvents with(merge_readings(set.events()));
    auto without = with;
    const auto clock = set.newest() + 400 * kDay;
    dropped += static_cast<int>(without.drop_old_failures(set.input(), clock).size());
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(shown(without.fold(set.input()), set.policy(), clock + i * kDay),
                shown(with.fold(set.input()), set.policy(), clock + i * kDay))
          << "seed " << seed;
      for (auto* each : {&with, &without})
        each->take(soft(clock + i * kDay - kStart, std::to_string(i) + "N"));
    }
  }
  EXPECT_GT(dropped, 100);
}

TEST_F(KeptEventsTest, old_failures_without_an_entry_do_not_matter_for_events_that_are_read_late) {
  int dropped = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    RandomSet set(seed, 12, {.acts_that_reach_back = true});
    KeptEvents with(merge_readings(set.events()));
    auto without = with;
    const auto clock = set.newest() + (180 + static_cast<int>(set.below(200))) * kDay;
    dropped += static_cast<int>(without.drop_old_failures(set.input(), clock).size());
    for (int i = 0; i < 3; ++i) {
      const auto late = clock - static_cast<int>(set.below(180)) * kDay - kStart;
      for (auto* each : {&with, &without}) each->take(soft(late, std::to_string(i) + "N"));
      EXPECT_EQ(shown(without.fold(set.input()), set.policy(), clock),
                shown(with.fold(set.input()), set.policy(), clock))
          << "seed " << seed;
    }
  }
  EXPECT_GT(dropped, 100);
}

// In any order, and each event any number of times.
TEST(KeptSets, events_one_by_one_in_any_order_equal_the_fold_of_the_set) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomSet set(seed, 30, {.take_backs = true});
    for (int order = 0; order < 3; ++order)
      EXPECT_EQ(take_all(shuffled(set), set.input()).fold(set.input()), fold(set.events(), set.input()))
          << "seed " << seed;
  }
}

TEST(KeptSets, events_late_or_very_late_with_reports_as_they_come_equal_the_fold_of_the_set) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomSet set(seed, 30);
    for (int order = 0; order < 3; ++order)
      EXPECT_EQ(take_all(by_clock(set), set.input()).fold(set.input()), fold(set.events(), set.input()))
          << "seed " << seed;
  }
}

TEST(KeptSets, a_checkpoint_of_twelve_equals_the_fold_where_none_is_older_than_it) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomSet set(seed, 60, {.take_backs = true, .acts_that_reach_back = true});
    const auto kept = take_all(displaced(set, 5), set.input(), 12);
    EXPECT_LE(kept.events().size(), 12U);
    EXPECT_EQ(kept.fold(set.input()), fold(set.events(), set.input())) << "seed " << seed;
  }
}

TEST_F(KeptEventsTest, of_a_domain_only_the_newest_delivery_and_what_is_after_it_are_kept) {
  kept.take(soft(1 * kDay, "1Q a@b.example"));
  kept.deliver_to_domain(kStart + 1 * kDay);
  ASSERT_EQ(kept.events().size(), 1U) << "a failure of its second comes before it";
  EXPECT_EQ(kept.delivery()->ended, kStart + 1 * kDay);
  kept.take(soft(2 * kDay, "2Q a@b.example"));
  kept.take(soft(2 * kDay, "2Q c@b.example"));
  kept.deliver_to_domain(kStart + 1 * kDay - Duration(1));
  EXPECT_EQ(kept.delivery()->ended, kStart + 1 * kDay) << "an older one changes nothing";
  EXPECT_EQ(kept.events().size(), 3U) << "one message to two addresses";
  kept.deliver_to_domain(kStart + 3 * kDay);
  EXPECT_EQ(kept.events().size(), 1U);
}

TEST_F(KeptEventsTest, a_failure_is_an_event_of_the_domain_or_of_the_address_and_of_one_only) {
  Evidence evidence;
  auto& outcome = evidence.outcome;
  outcome = {.kind = OutcomeKind::failed,
             .origin = Origin::report,
             .ended_by = EndedBy::report,
             .address = "a@b.example",
             .at = kStart,
             .returned = true};
  outcome.message = {.host = "a", .instance = "postfix", .queue_id = "1Q", .entered = kStart};
  outcome.reason.judgement.action = Action::soft;
  EXPECT_EQ(events_of(evidence, "a@b.example").size(), 2U) << "a failure and a take-back";
  EXPECT_TRUE(events_of(evidence, "@b.example").empty());
  evidence.against = "@b.example";
  const auto own = events_of(evidence, "a@b.example");
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own.front().id.kind, ListEventKind::take_back);
  auto of_domain = events_of(evidence, "@b.example");
  ASSERT_EQ(of_domain.size(), 1U);
  EXPECT_EQ(of_domain.front().id.kind, ListEventKind::failure);
  EXPECT_EQ(address_in(of_domain.front().id.message), "a@b.example");
  EXPECT_EQ(of_domain.front().id.message, outcome.message);
}

}  // namespace
}  // namespace suppressd
