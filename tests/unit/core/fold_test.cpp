#include "suppressd/core/fold.h"

#include <gtest/gtest.h>

#include "fold_fixture.h"
#include "fold_properties.h"

namespace suppressd {
namespace {

using namespace fold_test;

// An address and its events; times are counted from kStart. A message enters when it ends, unless the test
// says otherwise.
class FoldTest : public testing::Test {
 protected:
  ListEvent& soft(Duration at) {
    return add(failure_of(Action::soft, kStart + at, kStart + at, next(), Category::mailbox_full));
  }
  ListEvent& hard(Duration at, Category category = Category::bad_mailbox, bool is_weak = false) {
    return add(failure_of(Action::hard, kStart + at, kStart + at, next(), category, is_weak));
  }
  ListEvent& weak(Duration at) { return hard(at, Category::undetermined_permanent, true); }
  ListEvent& deliver(Duration at) {
    return add(event_of(ListEventKind::delivery, kStart + at, kStart + at, next()));
  }
  ListEvent& act(ListEventKind kind, Duration at) { return add(act_of(kind, kStart + at, ++number)); }
  ListEvent& lift_of(SuppressionKind kind, Duration at) {
    auto& event = act(ListEventKind::lift, at);
    event.details = LiftDetails{.kind = kind};
    return event;
  }
  ListEvent& undo(Duration at, Duration since, Duration until) {
    auto& event = act(ListEventKind::undo, at);
    event.details = UndoDetails{.since = kStart + since, .until = kStart + until};
    return event;
  }
  ListEvent& revert(Duration at, const EventId& act) { return add(revert_of(kStart + at, ++number, act)); }
  ListEvent& take_back(Duration at, const EventId& delivery) {
    return add(take_back_of(kStart + at, delivery));
  }
  UndoDetails& details(ListEvent& event) { return std::get<UndoDetails>(event.details); }

  FoldInput input() const {
    history = later_settings.empty() ? SettingsHistory(settings) : SettingsHistory(later_settings);
    return {.settings = history,
            .brake = brake,
            .incidents = incidents,
            .list_acts = list_acts,
            .domain = "b.example",
            .of_domain = of_domain,
            .local = local,
            .senders = senders};
  }
  ListState state() const { return fold(events, input()); }
  std::size_t streak(Duration at) const { return state().streak(settings.policy, kStart + at).size(); }
  /// `hard active 0d-30d` and so on, with dates in days from kStart; `-` without an end.
  std::string entries(Duration at) const {
    std::string text;
    for (const auto& entry : state().entries) {
      if (!entry.shown(kStart + at)) continue;
      const bool over = entry.state == SuppressionState::active && entry.ended(kStart + at);
      if (!text.empty()) text += ", ";
      text += std::string(name_of(entry.kind)) + " " + (over ? "ended" : std::string(name_of(entry.state))) +
              " " + days(entry.since) + "-";
      if (entry.until) text += days(*entry.until);
    }
    return text;
  }
  void pending_between(Duration begin, Duration end) {
    brake.push_back({kProvider, {}, kStart + begin, kStart + end});
  }
  void incident_between(Duration begin, Duration end) {
    incidents.push_back({kProvider, {}, kStart + begin, kStart + end});
  }

  FoldSettings settings;
  std::vector<DatedSettings> later_settings;  ///< In place of `settings`.
  mutable SettingsHistory history;            ///< To which input() refers.
  std::vector<ListEvent> events;
  std::vector<PendingRange> brake;
  std::vector<PendingRange> incidents;
  std::vector<OwnRange> local;
  std::vector<OwnRange> senders;
  std::vector<ListEvent> list_acts;
  std::int64_t number = 0;
  bool of_domain = false;  ///< They are the events of `@domain`.

 private:
  ListEvent& add(ListEvent event) {
    events.reserve(100);  // so that references stay valid
    return events.emplace_back(std::move(event));
  }
  std::string next() { return "Q" + std::to_string(events.size()); }
  static std::string days(Time time) { return format_duration(time - kStart); }
};

TEST_F(FoldTest, nothing_is_known_of_an_address_without_events) {
  EXPECT_EQ(state(), ListState{});
  EXPECT_TRUE(state().nothing_learned(settings.policy, kStart));
  EXPECT_EQ(state().refusing(kStart), nullptr);
}

TEST_F(FoldTest, a_sure_hard_failure_is_permanent) {
  hard(0 * kDay);
  EXPECT_EQ(entries(40000 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, an_address_that_was_delivered_to_takes_the_known_good_ladder) {
  deliver(0 * kDay);
  hard(1 * kDay);
  EXPECT_EQ(entries(2 * kDay), "hard active 1d-") << "by default it is permanent";
  settings.policy.known_good_ladder = {7 * kDay, kForever};
  EXPECT_EQ(entries(2 * kDay), "hard active 1d-8d");
  hard(3 * kDay);
  EXPECT_EQ(entries(3 * kDay), "hard active 1d-8d") << "while it is in force, further ones are evidence";
  hard(9 * kDay);
  EXPECT_EQ(entries(9 * kDay), "hard active 9d-") << "after one more bounce it is permanent";
}

TEST_F(FoldTest, a_delivery_of_too_long_ago_or_none_does_not_make_it_timed) {
  settings.policy.known_good_ladder = {7 * kDay, kForever};
  hard(1 * kDay);
  EXPECT_EQ(entries(2 * kDay), "hard active 1d-");
  events.clear();
  deliver(0 * kDay);
  hard(181 * kDay);
  EXPECT_EQ(entries(182 * kDay), "hard active 181d-");
  events.clear();
  deliver(0 * kDay);
  hard(180 * kDay);
  EXPECT_EQ(entries(181 * kDay), "hard active 180d-187d");
}

TEST_F(FoldTest, a_delivery_that_was_taken_back_or_lies_after_it_does_not_make_it_timed) {
  settings.policy.known_good_ladder = {7 * kDay, kForever};
  const auto delivery = deliver(0 * kDay).id;
  hard(1 * kDay);
  take_back(2 * kDay, delivery);
  EXPECT_EQ(entries(3 * kDay), "hard active 1d-");
}

TEST_F(FoldTest, a_known_good_address_whose_failure_is_confirmed_takes_its_ladder_too) {
  settings.policy.known_good_ladder = {7 * kDay, kForever};
  pending_between(1 * kDay, 2 * kDay);
  deliver(0 * kDay);
  hard(1 * kDay);
  hard(5 * kDay);
  EXPECT_EQ(entries(5 * kDay), "hard active 1d-12d");
}

TEST_F(FoldTest, a_sure_failure_makes_a_weak_entry_of_a_known_good_address_permanent) {
  settings.policy.known_good_ladder = {7 * kDay, kForever};
  deliver(0 * kDay);
  weak(1 * kDay);
  hard(2 * kDay);
  EXPECT_EQ(entries(3 * kDay), "hard active 1d-");
}

TEST_F(FoldTest, a_weak_failure_takes_the_weak_ladder_and_a_bad_domain_its_own) {
  weak(0 * kDay);
  EXPECT_EQ(entries(1 * kDay), "hard active 0s-30d");
  weak(40 * kDay);
  EXPECT_EQ(entries(40 * kDay), "hard active 40d-");
  events.clear();
  hard(0 * kDay, Category::bad_domain);
  hard(7 * kDay, Category::bad_domain);
  EXPECT_EQ(entries(7 * kDay), "hard active 7d-37d");
  hard(37 * kDay, Category::bad_domain);
  EXPECT_EQ(entries(37 * kDay), "hard active 37d-");
}

TEST_F(FoldTest, a_sure_failure_makes_a_timed_entry_permanent_and_keeps_date_and_ref) {
  const auto ref = weak(0 * kDay).id;
  hard(1 * kDay);
  EXPECT_EQ(entries(1 * kDay), "hard active 0s-");
  EXPECT_EQ(state().find(SuppressionKind::hard)->ref, ref);
  EXPECT_EQ(state().find(SuppressionKind::hard)->category, Category::bad_mailbox);
  EXPECT_EQ(state().hard_ladder, (Ladder{.step = 1, .idle_since = {}}));
}

TEST_F(FoldTest, the_third_failed_send_in_a_row_suppresses) {
  soft(0 * kDay);
  soft(1 * kDay);
  EXPECT_EQ(entries(1 * kDay), "");
  EXPECT_EQ(streak(1 * kDay), 2U);
  soft(2 * kDay);
  EXPECT_EQ(entries(2 * kDay), "soft active 2d-32d");
}

TEST_F(FoldTest, three_newsletters_that_bounce_in_one_second_are_three_whatever_their_order) {
  for (const auto entered : {0, 1, 2}) soft(3 * kDay).id.message.entered = kStart + entered * kDay;
  std::sort(events.begin(), events.end(),
            [](const ListEvent& a, const ListEvent& b) { return before(a.id, b.id); });
  do {
    EXPECT_EQ(entries(3 * kDay), "soft active 3d-33d");
  } while (std::next_permutation(events.begin(), events.end(),
                                 [](const ListEvent& a, const ListEvent& b) { return before(a.id, b.id); }));
}

TEST_F(FoldTest, password_mails_within_minutes_are_one_failed_send) {
  for (const auto minute : {0, 5, 10}) soft(std::chrono::minutes(minute));
  EXPECT_EQ(streak(kHour), 1U);
  EXPECT_EQ(state().soft_set.size(), 3U);
}

TEST_F(FoldTest, a_window_failure_and_the_end_of_one_send_are_one) {
  auto& window = soft(3 * kDay);
  window.id.phase = FailurePhase::window;
  window.id.message.entered = kStart;
  auto& end = soft(5 * kDay);
  end.id.message = window.id.message;
  end.id.message.entered += Duration(3);  // rounded differently
  EXPECT_EQ(state().soft_set.size(), 1U);
}

TEST_F(FoldTest, a_hard_end_after_a_window_failure_counts) {
  auto& window = soft(3 * kDay);
  window.id.phase = FailurePhase::window;
  hard(5 * kDay).id.message = window.id.message;
  EXPECT_EQ(entries(5 * kDay), "hard active 5d-");
}

TEST_F(FoldTest, a_gap_empties_the_streak_in_the_views_too) {
  soft(0 * kDay);
  soft(1 * kDay);
  EXPECT_EQ(streak(180 * kDay), 2U);
  EXPECT_EQ(streak(181 * kDay), 0U);
  soft(181 * kDay);
  EXPECT_EQ(streak(181 * kDay), 1U);
  EXPECT_EQ(entries(181 * kDay), "");
}

TEST_F(FoldTest, the_first_failure_after_a_soft_entry_takes_the_next_step_until_the_ladder_starts_again) {
  for (const auto day : {0, 1, 2}) soft(day * kDay);
  soft(32 * kDay);
  EXPECT_EQ(entries(32 * kDay), "soft active 32d-122d");
  soft(122 * kDay);
  EXPECT_EQ(entries(122 * kDay), "soft active 122d-");
  events.pop_back();
  soft(302 * kDay);  // 180 days after its end
  EXPECT_EQ(entries(302 * kDay), "soft ended 32d-122d");
  EXPECT_EQ(state().soft_ladder.step, 0);
}

TEST_F(FoldTest, a_soft_failure_while_an_entry_is_in_force_is_evidence_only_and_counts_if_the_entry_goes) {
  weak(0 * kDay);
  for (const auto day : {1, 2, 3}) soft(day * kDay);
  EXPECT_EQ(entries(3 * kDay), "hard active 0s-30d");
  undo(4 * kDay, 0 * kDay, kHour);
  EXPECT_EQ(entries(4 * kDay), "soft active 3d-33d");
}

TEST_F(FoldTest, a_weak_failure_beside_a_soft_entry_is_evidence_only_and_a_sure_one_ends_it) {
  for (const auto day : {0, 1, 2}) soft(day * kDay);
  weak(3 * kDay);
  EXPECT_EQ(entries(3 * kDay), "soft active 2d-32d");
  hard(4 * kDay);
  EXPECT_EQ(entries(4 * kDay), "hard active 4d-");
}

TEST_F(FoldTest, a_delivery_ends_the_streak_and_a_soft_entry_and_starts_the_ladders_again) {
  for (const auto day : {0, 1, 2}) soft(day * kDay);
  const auto delivery = deliver(3 * kDay).id;
  EXPECT_EQ(entries(3 * kDay), "");
  EXPECT_EQ(state(), ListState{.delivery = delivery});
}

TEST_F(FoldTest, a_delivery_suspends_a_hard_entry_and_the_next_failure_makes_a_new_one) {
  weak(0 * kDay);
  hard(1 * kDay);
  deliver(2 * kDay);
  EXPECT_EQ(entries(2 * kDay), "hard suspended 1d-");
  EXPECT_EQ(state().refusing(kStart + 2 * kDay), nullptr);
  weak(3 * kDay);
  EXPECT_EQ(entries(3 * kDay), "hard active 3d-33d");
}

TEST_F(FoldTest, an_old_log_read_late_never_suppresses_an_address_that_got_mail_since) {
  deliver(10 * kDay);
  hard(0 * kDay);
  for (const auto day : {1, 2, 3}) soft(day * kDay);
  EXPECT_EQ(entries(10 * kDay), "hard suspended 0s-");
}

TEST_F(FoldTest, a_failure_and_a_delivery_of_one_second_are_folded_failure_first) {
  deliver(0 * kDay);
  hard(0 * kDay);
  EXPECT_EQ(entries(0 * kDay), "hard suspended 0s-");
}

TEST_F(FoldTest, a_report_takes_a_delivery_back_within_the_window) {
  for (const auto day : {0, 1}) soft(day * kDay);
  const auto delivery = deliver(2 * kDay).id;
  soft(3 * kDay);
  EXPECT_EQ(streak(3 * kDay), 1U);
  auto& report = take_back(32 * kDay, delivery);
  EXPECT_EQ(entries(3 * kDay), "soft active 3d-33d");
  report.id.ended += Duration(1);
  EXPECT_EQ(entries(3 * kDay), "");
}

TEST_F(FoldTest, a_trace_names_neither_host_nor_instance_and_the_entry_within_the_hour) {
  hard(0 * kDay);
  const auto delivery = deliver(1 * kDay).id;
  auto& report = take_back(2 * kDay, delivery);
  report.id.message.host.clear();
  report.id.message.instance.clear();
  report.id.message.entered -= kHour;
  EXPECT_EQ(entries(2 * kDay), "hard active 0s-");
  report.id.message.entered -= Duration(1);
  EXPECT_EQ(entries(2 * kDay), "hard suspended 0s-");
}

TEST_F(FoldTest, a_lift_sets_aside_all_before_it_and_nothing_after_it) {
  hard(0 * kDay);
  for (const auto day : {1, 2}) soft(day * kDay);
  act(ListEventKind::complaint, 3 * kDay);
  act(ListEventKind::add, 3 * kDay);
  act(ListEventKind::lift, 4 * kDay);
  EXPECT_EQ(entries(4 * kDay), "");
  EXPECT_EQ(state(), ListState{});
  soft(5 * kDay);
  EXPECT_EQ(streak(5 * kDay), 1U);
  deliver(6 * kDay);
  EXPECT_EQ(entries(6 * kDay), "");  // the lifted failure is not contradicted
}

TEST_F(FoldTest, a_lift_of_a_complaint_does_not_end_a_hard_entry) {
  hard(0 * kDay);
  act(ListEventKind::complaint, 1 * kDay);
  lift_of(SuppressionKind::complaint, 2 * kDay);
  EXPECT_EQ(entries(2 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, a_lifted_hard_entry_does_not_come_back_suspended) {
  hard(0 * kDay);
  lift_of(SuppressionKind::hard, 1 * kDay);
  deliver(2 * kDay);
  EXPECT_EQ(entries(2 * kDay), "");
}

TEST_F(FoldTest, a_lift_of_a_hard_entry_ends_its_ladder_and_not_the_streak) {
  for (const auto day : {0, 1}) soft(day * kDay);
  weak(2 * kDay);
  lift_of(SuppressionKind::hard, 3 * kDay);
  EXPECT_EQ(state().hard_ladder, Ladder{});
  EXPECT_EQ(streak(3 * kDay), 2U);
  soft(4 * kDay);
  EXPECT_EQ(entries(4 * kDay), "soft active 4d-34d");
}

TEST_F(FoldTest, a_lift_of_a_soft_entry_ends_the_streak_and_not_the_hard_ladder) {
  weak(0 * kDay);
  for (const auto day : {31, 32, 33}) soft(day * kDay);
  EXPECT_EQ(entries(33 * kDay), "hard ended 0s-30d, soft active 33d-63d");
  lift_of(SuppressionKind::soft, 34 * kDay);
  EXPECT_EQ(entries(34 * kDay), "hard ended 0s-30d");
  EXPECT_EQ(streak(34 * kDay), 0U);
  EXPECT_EQ(state().hard_ladder.step, 1);
  for (const auto day : {35, 36}) soft(day * kDay);
  EXPECT_EQ(entries(36 * kDay), "hard ended 0s-30d");
}

TEST_F(FoldTest, an_undo_takes_out_the_failures_of_its_hours_that_match_whenever_they_are_read) {
  hard(0 * kDay);
  auto& event = undo(2 * kDay, 0 * kDay, 1 * kDay);
  EXPECT_EQ(entries(2 * kDay), "");
  hard(1 * kDay);  // the end is not in it
  EXPECT_EQ(entries(2 * kDay), "hard active 1d-");
  events.pop_back();
  details(event).provider = "other.example";
  EXPECT_EQ(entries(2 * kDay), "hard active 0s-");
  details(event) = {.since = kStart,
                    .until = kStart + kDay,
                    .provider = kProvider,
                    .category = Category::bad_mailbox,
                    .rule = "rule"};
  EXPECT_EQ(entries(2 * kDay), "");
  details(event).category = Category::bad_domain;
  EXPECT_EQ(entries(2 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, an_undo_by_reply_or_domain_spares_other_replies_and_domains) {
  std::get<FailureDetails>(hard(12 * kHour).details).reply = "550 no such user";
  auto& event = undo(2 * kDay, 0 * kDay, 1 * kDay);
  details(event).text = "550 no such user";
  EXPECT_EQ(entries(3 * kDay), "");
  details(event).text = "550 no such";
  EXPECT_EQ(entries(3 * kDay), "hard active 12h-");
  details(event).text.clear();
  details(event).domain = "b.example";
  EXPECT_EQ(entries(3 * kDay), "");
  details(event).domain = "example";
  EXPECT_EQ(entries(3 * kDay), "hard active 12h-");
}

TEST_F(FoldTest, an_undo_spares_what_ends_after_it) {
  undo(1 * kDay, 0 * kDay, 10 * kDay);
  hard(2 * kDay);
  EXPECT_EQ(entries(2 * kDay), "hard active 2d-");
}

TEST_F(FoldTest, an_undo_of_the_whole_list_holds_for_each_address) {
  hard(0 * kDay);
  auto act = act_of(ListEventKind::undo, kStart + 1 * kDay, 7);
  act.details = UndoDetails{.since = kStart, .until = kStart + kDay};
  list_acts.push_back(act);
  EXPECT_EQ(entries(1 * kDay), "");
  list_acts.push_back(revert_of(kStart + 2 * kDay, 8, act.id));
  EXPECT_EQ(entries(2 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, a_reverted_revert_has_no_effect) {
  hard(0 * kDay);
  const auto lift = act(ListEventKind::lift, 1 * kDay).id;
  const auto first = revert(2 * kDay, lift).id;
  EXPECT_EQ(entries(2 * kDay), "hard active 0s-");
  revert(2 * kDay, first);
  EXPECT_EQ(entries(2 * kDay), "");
}

TEST_F(FoldTest, reverts_that_name_each_other_do_not_loop) {
  hard(0 * kDay);
  const auto lift = act(ListEventKind::lift, 1 * kDay).id;
  auto& first = revert(2 * kDay, lift);
  const auto second = revert(3 * kDay, first.id).id;
  first.details = RevertDetails{.host = {}, .number = second.number};
  EXPECT_NO_FATAL_FAILURE(state());
}

TEST_F(FoldTest, acts_of_one_second_go_by_number) {
  act(ListEventKind::add, 0 * kDay);
  act(ListEventKind::lift, 0 * kDay);
  EXPECT_EQ(entries(0 * kDay), "");
  act(ListEventKind::add, 0 * kDay);
  EXPECT_EQ(entries(0 * kDay), "manual active 0s-");
  for (std::int64_t further = 0; further < 10; ++further) act(ListEventKind::confirm, 0 * kDay);
  act(ListEventKind::lift, 0 * kDay);  // number 14 is after 3
  EXPECT_EQ(entries(0 * kDay), "");
}

TEST_F(FoldTest, entries_by_hand_keep_their_first_date_and_take_the_newest_end) {
  auto& first = act(ListEventKind::add, 0 * kDay);
  first.details = AddDetails{.kind = SuppressionKind::unsubscribe, .until = kStart + 2 * kDay};
  act(ListEventKind::add, 1 * kDay).details = AddDetails{.kind = SuppressionKind::unsubscribe, .until = {}};
  EXPECT_EQ(entries(9 * kDay), "unsubscribe active 0s-");
  events.pop_back();
  act(ListEventKind::add, 3 * kDay).details = AddDetails{.kind = SuppressionKind::unsubscribe, .until = {}};
  EXPECT_EQ(entries(9 * kDay), "unsubscribe active 3d-");
}

TEST_F(FoldTest, a_complaint_outlives_deliveries_and_decides_first) {
  hard(0 * kDay);
  act(ListEventKind::complaint, 1 * kDay);
  EXPECT_EQ(state().refusing(kStart + 1 * kDay)->kind, SuppressionKind::complaint);
  deliver(2 * kDay);
  EXPECT_EQ(entries(2 * kDay), "complaint active 1d-, hard suspended 0s-");
}

TEST_F(FoldTest, complaints_about_two_senders_are_two_entries) {
  const auto complain = [&](const std::string& scope, Duration at) {
    act(ListEventKind::complaint, at).details =
        AddDetails{.kind = SuppressionKind::complaint, .until = {}, .scope = scope};
  };
  const auto scopes = [&] {
    std::string text;
    for (const auto& entry : state().entries)
      text += std::string(name_of(entry.kind)) + ":" + entry.scope + " " +
              format_duration(entry.since - kStart) + ",";
    return text;
  };
  complain("shop.example", 2 * kDay);
  complain("shop.example", 3 * kDay);
  complain("news.example", 1 * kDay);
  hard(1 * kDay);
  EXPECT_EQ(scopes(), "complaint:news.example 1d,complaint:shop.example 2d,hard: 1d,");
  deliver(4 * kDay);
  EXPECT_EQ(scopes(), "complaint:news.example 1d,complaint:shop.example 2d,hard: 1d,");
  auto& lift = act(ListEventKind::lift, 5 * kDay);
  lift.details = LiftDetails{.kind = {}, .scope = "shop.example"};
  EXPECT_EQ(scopes(), "complaint:news.example 1d,hard: 1d,");
  lift.details = LiftDetails{.kind = {}, .scope = ""};
  EXPECT_EQ(scopes(), "complaint:news.example 1d,complaint:shop.example 2d,");
  lift.details = LiftDetails{.kind = SuppressionKind::complaint, .scope = "news.example"};
  EXPECT_EQ(scopes(), "complaint:shop.example 2d,hard: 1d,");
  lift.details = LiftDetails{};
  EXPECT_EQ(scopes(), "");
}

TEST_F(FoldTest, a_lift_of_another_scope_leaves_streak_and_ladders) {
  soft(0 * kDay);
  soft(1 * kDay);
  act(ListEventKind::lift, 2 * kDay).details = LiftDetails{.kind = {}, .scope = "shop.example"};
  soft(3 * kDay);
  EXPECT_EQ(entries(3 * kDay), "soft active 3d-33d");
}

TEST_F(FoldTest, a_confirmed_address_is_permanent_again_if_it_fails_again) {
  settings.policy.weak_ladder = {3 * kDay};
  hard(0 * kDay);
  act(ListEventKind::reconfirm, 10 * kDay);
  EXPECT_EQ(entries(10 * kDay), "hard ended 0s-10d");
  EXPECT_EQ(state().hard_ladder.step, 1) << "so that it is half open";
  weak(12 * kDay);
  EXPECT_EQ(entries(12 * kDay), "hard active 12d-") << "although its rule is not sure";
}

TEST_F(FoldTest, a_confirmed_address_that_takes_mail_is_lifted) {
  hard(0 * kDay);
  act(ListEventKind::reconfirm, 10 * kDay);
  deliver(11 * kDay);
  EXPECT_EQ(entries(11 * kDay), "hard suspended 0s-");
  weak(12 * kDay);
  EXPECT_EQ(entries(12 * kDay), "hard active 12d-42d");
}

TEST_F(FoldTest, a_confirmed_timed_entry_takes_its_next_step) {
  for (int day = 0; day < 3; ++day) soft(day * kDay);
  EXPECT_EQ(entries(3 * kDay), "soft active 2d-32d");
  act(ListEventKind::reconfirm, 4 * kDay);
  EXPECT_EQ(entries(4 * kDay), "soft ended 2d-4d");
  soft(5 * kDay);
  EXPECT_EQ(entries(5 * kDay), "soft active 5d-95d");
}

TEST_F(FoldTest, a_confirmed_address_that_fails_in_an_incident_is_permanent_once_that_is_confirmed) {
  hard(0 * kDay);
  const auto confirmed = act(ListEventKind::reconfirm, 10 * kDay).id;
  pending_between(11 * kDay, 11 * kDay + kHour);
  hard(11 * kDay);
  EXPECT_EQ(entries(11 * kDay), "hard pending 11d-111d");
  weak(15 * kDay);
  EXPECT_EQ(entries(15 * kDay), "hard active 11d-");
  revert(16 * kDay, confirmed);
  EXPECT_EQ(entries(16 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, only_what_is_in_force_is_tested_again) {
  pending_between(0 * kDay, kHour);
  hard(0 * kDay);
  act(ListEventKind::complaint, 1 * kDay);
  act(ListEventKind::reconfirm, 2 * kDay);
  EXPECT_EQ(entries(2 * kDay), "complaint active 1d-, hard pending 0s-100d");
}

TEST_F(FoldTest, a_pending_failure_refuses_no_one_and_is_dropped_after_silence) {
  pending_between(0 * kDay, kHour);
  hard(0 * kDay);
  EXPECT_EQ(entries(99 * kDay), "hard pending 0s-100d");
  EXPECT_EQ(state().refusing(kStart), nullptr);
  EXPECT_EQ(entries(100 * kDay), "");
  deliver(1 * kDay);
  EXPECT_EQ(entries(1 * kDay), "");
}

TEST_F(FoldTest, only_the_hours_of_the_failures_own_provider_are_pending) {
  brake.push_back({"a.example", {}, kStart, kStart + kDay});
  hard(kHour);
  EXPECT_EQ(entries(kHour), "hard active 1h-");
  pending_between(0 * kDay, kHour);
  brake.push_back({"c.example", {}, kStart, kStart + kDay});
  EXPECT_EQ(entries(kHour), "hard active 1h-");
}

TEST_F(FoldTest, a_failure_outside_incidents_confirms_if_its_message_entered_three_days_later) {
  pending_between(0 * kDay, 2 * kDay);  // the brake is no incident
  weak(0 * kDay);
  weak(1 * kDay);
  hard(3 * kDay - Duration(1));
  EXPECT_EQ(entries(3 * kDay), "hard pending 0s-" + format_duration(103 * kDay - Duration(1)));
  weak(3 * kDay);
  EXPECT_EQ(entries(3 * kDay), "hard active 0s-33d");
  EXPECT_EQ(state().hard_ladder.step, 1);
  events.pop_back();
  hard(3 * kDay);
  EXPECT_EQ(entries(3 * kDay), "hard active 0s-");  // by the surer judgement
}

TEST_F(FoldTest, an_hour_of_the_brake_confirms_what_another_such_hour_held) {
  pending_between(0 * kDay, kHour);
  pending_between(3 * kDay, 3 * kDay + kHour);
  hard(0 * kDay);
  hard(3 * kDay);
  EXPECT_EQ(entries(3 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, within_one_incident_a_failure_confirms_if_its_message_entered_six_days_later) {
  incident_between(0 * kDay, 9 * kDay);
  hard(0 * kDay);
  hard(6 * kDay - Duration(1));
  EXPECT_EQ(state().find(SuppressionKind::hard)->state, SuppressionState::pending);
  hard(6 * kDay);
  EXPECT_EQ(entries(6 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, another_incident_does_not_confirm) {
  incident_between(0 * kDay, kHour);
  incident_between(7 * kDay, 8 * kDay);
  hard(0 * kDay);
  hard(7 * kDay);
  EXPECT_EQ(entries(7 * kDay), "hard pending 0s-107d");
  hard(8 * kDay);
  EXPECT_EQ(entries(8 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, an_incident_does_not_confirm_what_the_brake_held) {
  pending_between(0 * kDay, kHour);
  incident_between(6 * kDay, 8 * kDay);
  hard(0 * kDay);
  hard(7 * kDay);
  EXPECT_EQ(state().find(SuppressionKind::hard)->state, SuppressionState::pending);
}

TEST_F(FoldTest, an_incident_of_another_domain_holds_nothing) {
  incidents.push_back({kProvider, "a.example", kStart, kStart + kDay});
  hard(kHour);
  EXPECT_EQ(entries(kHour), "hard active 1h-");
}

TEST_F(FoldTest, an_incident_of_the_domain_is_another_than_that_of_its_provider) {
  incidents.push_back({kProvider, {}, kStart, kStart + 8 * kDay});
  incidents.push_back({kProvider, "b.example", kStart + 7 * kDay, kStart + 8 * kDay});
  hard(0 * kDay);
  hard(7 * kDay);
  EXPECT_EQ(state().find(SuppressionKind::hard)->state, SuppressionState::pending);
}

TEST_F(FoldTest, soft_failures_in_a_local_incident_of_their_host_count_nothing) {
  local.push_back({.provider = {}, .side = {.host = "a"}, .begin = kStart + kDay, .end = kStart + 2 * kDay});
  for (const auto day : {0, 1, 2}) soft(day * kDay);
  EXPECT_EQ(streak(3 * kDay), 2U);
  local[0].side.host = "b";
  EXPECT_EQ(streak(3 * kDay), 3U) << "it is another host's";
}

TEST_F(FoldTest, bad_domain_in_a_local_incident_is_pending_and_confirms_nothing) {
  local.push_back({.provider = {}, .side = {.host = "a"}, .begin = kStart, .end = kStart + 9 * kDay});
  hard(0 * kDay, Category::bad_domain);
  EXPECT_EQ(entries(0 * kDay), "hard pending 0s-100d");
  hard(8 * kDay, Category::bad_domain);
  EXPECT_EQ(state().find(SuppressionKind::hard)->state, SuppressionState::pending) << "in the same one";
  hard(9 * kDay, Category::bad_domain);
  EXPECT_EQ(state().find(SuppressionKind::hard)->state, SuppressionState::active);
}

TEST_F(FoldTest, bad_mailbox_in_a_local_incident_is_what_it_is) {
  local.push_back({.provider = {}, .side = {.host = "a"}, .begin = kStart, .end = kStart + kDay});
  hard(0 * kDay);
  EXPECT_EQ(entries(0 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, only_weak_judgements_are_pending_in_an_incident_of_a_sender) {
  senders.push_back({.provider = kProvider, .side = {.host = "a"}, .begin = kStart, .end = kStart + kDay});
  weak(0 * kDay);
  EXPECT_EQ(entries(0 * kDay), "hard pending 0s-100d");
  hard(kHour);
  EXPECT_EQ(state().find(SuppressionKind::hard)->state, SuppressionState::pending)
      << "it confirms only 72 h later";
  senders[0].side = {.sender_domain = "shop.example"};
  EXPECT_EQ(state().find(SuppressionKind::hard)->state, SuppressionState::active) << "of another sender";
  events.clear();
  hard(0 * kDay);
  senders[0].side = {.host = "a"};
  EXPECT_EQ(entries(0 * kDay), "hard active 0s-");
}

TEST_F(FoldTest, a_pending_entry_is_confirmed_by_hand_and_ends_a_soft_entry) {
  pending_between(0 * kDay, kHour);
  weak(0 * kDay);
  for (const auto day : {1, 2, 3}) soft(day * kDay);
  EXPECT_EQ(entries(3 * kDay), "hard pending 0s-100d, soft active 3d-33d");
  act(ListEventKind::confirm, 4 * kDay);
  EXPECT_EQ(entries(4 * kDay), "hard active 0s-34d");
}

TEST_F(FoldTest, a_pending_failure_beside_an_entry_in_force_is_evidence_only_and_replaces_a_suspended_one) {
  weak(0 * kDay);
  pending_between(1 * kDay, 2 * kDay);
  hard(1 * kDay);
  EXPECT_EQ(entries(1 * kDay), "hard active 0s-30d");
  events.pop_back();
  deliver(1 * kDay);
  hard(1 * kDay + Duration(1));
  EXPECT_EQ(state().find(SuppressionKind::hard)->state, SuppressionState::pending);
}

TEST_F(FoldTest, the_hard_ladder_starts_again_although_a_pending_entry_was_dropped_between) {
  weak(0 * kDay);
  pending_between(31 * kDay, 32 * kDay);
  weak(31 * kDay);
  weak(1000 * kDay);
  EXPECT_EQ(entries(1000 * kDay), "hard active 1000d-1030d");
}

TEST_F(FoldTest, pending_failures_keep_the_hard_ladder_from_starting_again) {
  weak(0 * kDay);
  pending_between(200 * kDay, 220 * kDay);
  weak(200 * kDay);
  weak(379 * kDay);
  EXPECT_EQ(entries(379 * kDay), "hard active 379d-");
  events.pop_back();
  weak(201 * kDay);
  weak(380 * kDay);
  EXPECT_EQ(entries(380 * kDay), "hard active 380d-");
  events.pop_back();
  weak(381 * kDay);
  EXPECT_EQ(entries(381 * kDay), "hard active 381d-411d");
}

TEST_F(FoldTest, the_soft_ladder_starts_again_from_where_a_hard_entry_ended_its_last_step) {
  pending_between(0 * kDay, kHour);
  weak(0 * kDay);
  for (const auto day : {1, 2, 3}) soft(day * kDay);
  act(ListEventKind::confirm, 4 * kDay);
  soft(183 * kDay);
  EXPECT_EQ(entries(183 * kDay), "hard ended 0s-34d, soft active 183d-273d");
  events.pop_back();
  soft(184 * kDay);
  EXPECT_EQ(entries(184 * kDay), "hard ended 0s-34d");
  EXPECT_EQ(streak(184 * kDay), 1U);
}

TEST_F(FoldTest, a_step_is_taken_although_the_streak_began_again) {
  for (const auto day : {0, 1, 2}) soft(day * kDay);
  soft(182 * kDay);  // 180 days after the newest failure, 150 after the entry's end
  EXPECT_EQ(entries(182 * kDay), "soft active 182d-272d");
  EXPECT_EQ(streak(182 * kDay), 1U);
}

TEST_F(FoldTest, durations_may_be_forever) {
  settings.policy.soft_ladder = {kForever};
  settings.policy.min_interval = kForever;
  settings.policy.stale_after = kForever;
  settings.policy.threshold = 1;
  settings.report_window = kForever;
  soft(0 * kDay);
  soft(1 * kDay);
  EXPECT_EQ(entries(40000 * kDay), "soft active 0s-");
  EXPECT_EQ(streak(40000 * kDay), 1U);
}

// DESIGN: keys that decide are in force for events that end after they were set.
TEST_F(FoldTest, a_raised_threshold_lifts_no_one_who_was_suppressed_before) {
  FoldSettings five;
  five.policy.threshold = 5;
  for (const auto day : {0, 1, 2, 3}) soft(day * kDay);
  later_settings = {{Time{}, FoldSettings{}}, {kStart + 2 * kDay + Duration{1}, five}};
  EXPECT_EQ(entries(4 * kDay), "soft active 2d-32d");
  later_settings[1].since = kStart + 2 * kDay;
  EXPECT_EQ(entries(4 * kDay), "") << "its third failure ended when they were in force";
  soft(4 * kDay);
  EXPECT_EQ(entries(5 * kDay), "soft active 4d-34d");
}

TEST_F(FoldTest, the_first_keys_hold_for_all_time_before_them) {
  FoldSettings one;
  one.policy.threshold = 1;
  later_settings = {{kStart + 9 * kDay, one}};
  soft(0 * kDay);
  EXPECT_EQ(entries(0 * kDay), "soft active 0s-30d");
}

TEST_F(FoldTest, an_entry_keeps_its_end_when_the_ladder_changes_and_the_next_step_is_of_the_new_one) {
  FoldSettings longer;
  longer.policy.weak_ladder = {60 * kDay, 90 * kDay, kForever};
  weak(0 * kDay);
  weak(40 * kDay);
  later_settings = {{Time{}, FoldSettings{}}, {kStart + 35 * kDay, longer}};
  EXPECT_EQ(entries(40 * kDay), "hard active 40d-130d");
}

// A flood to a full mailbox within soft.min_interval has a streak of 1, and nothing stops it.
TEST_F(FoldTest, a_flood_does_not_make_the_set_grow_without_bound) {
  for (int i = 0; i < 1000; ++i) soft(Duration{i});
  EXPECT_LE(state().soft_set.size(), kMostSoft + 1);
  EXPECT_EQ(streak(Duration{1000}), 1U);
  soft(1 * kDay);
  soft(2 * kDay);
  EXPECT_EQ(entries(2 * kDay), "soft active 2d-32d");
}

TEST(SettingsHistoryTest, keys_that_are_as_before_make_no_row) {
  SettingsHistory history{FoldSettings{}};
  EXPECT_FALSE(history.set(FoldSettings{}, kStart));
  FoldSettings other;
  other.policy.threshold = 4;
  const auto row = history.set(other, kStart);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->since, kStart);
  EXPECT_EQ(history.at(kStart - Duration{1}).policy.threshold, 3);
  EXPECT_EQ(history.at(kStart).policy.threshold, 4);
}

TEST(SettingsHistoryTest, a_clock_that_was_set_back_does_not_reverse_the_order) {
  SettingsHistory history{FoldSettings{}};
  FoldSettings other;
  other.policy.threshold = 4;
  history.set(other, kStart);
  other.policy.threshold = 5;
  const auto row = history.set(other, kStart - 3 * kDay);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->since, kStart - 3 * kDay);
  EXPECT_EQ(history.at(kStart - 3 * kDay).policy.threshold, 5);
  EXPECT_EQ(history.at(kStart).policy.threshold, 5) << "the row of a time that has not come is gone";
  EXPECT_FALSE(history.set(other, kStart));
}

// DESIGN: two readings whose entries are at most 5 s apart are one, with the earlier end and entry.
TEST(OutcomeReadingsTest, a_log_that_begins_inside_a_send_does_not_hide_what_was_known) {
  Outcome whole{
      .kind = OutcomeKind::failed, .ended_by = EndedBy::bounced, .address = "a@b.example", .at = kStart};
  whole.message = {.host = "mta", .instance = "postfix", .queue_id = "1Q", .entered = kStart - kDay};
  whole.sender = "news@a.example";
  whole.first_failed = kStart - kDay;
  whole.attempts = 7;
  auto end = whole;
  end.sender.clear();
  end.first_failed = kStart;
  end.attempts = 1;
  end.message.entered += Duration{4};
  ASSERT_TRUE(same_event(whole, end));
  EXPECT_EQ(merge_readings(whole, end), whole);
  EXPECT_EQ(merge_readings(end, whole), whole);
}

TEST(OutcomeReadingsTest, the_reading_with_the_earlier_end_counts_with_its_judgement) {
  Outcome first{
      .kind = OutcomeKind::failed, .ended_by = EndedBy::window, .address = "a@b.example", .at = kStart};
  first.message.queue_id = "1Q";
  first.reason.text = "mailbox full";
  first.attempts = 3;
  auto later = first;
  later.at += Duration{3600};
  later.reason.text = "try again";
  later.attempts = 4;
  EXPECT_EQ(merge_readings(first, later), first);
  EXPECT_EQ(merge_readings(later, first), first);
}

TEST(OutcomeReadingsTest, a_log_that_is_read_again_without_the_milters_notes_does_not_lose_the_tags) {
  Outcome tagged{.kind = OutcomeKind::failed, .ended_by = EndedBy::bounced, .at = kStart};
  tagged.tags.campaign = "summer";
  auto bare = tagged;
  bare.tags = {};
  EXPECT_EQ(merge_readings(tagged, bare).tags, tagged.tags);
  EXPECT_EQ(merge_readings(bare, tagged).tags, tagged.tags);
  bare.at -= Duration{1};
  EXPECT_EQ(merge_readings(tagged, bare).tags, tagged.tags);
  auto other = tagged;
  other.tags = {.campaign = {}, .account = "shop"};
  EXPECT_EQ(merge_readings(tagged, other).tags, tagged.tags) << "they are not mixed";
}

TEST(OutcomeReadingsTest, the_window_and_the_end_of_a_send_are_two_events) {
  Outcome window{.kind = OutcomeKind::failed, .ended_by = EndedBy::window};
  auto end = window;
  end.ended_by = EndedBy::expired;
  EXPECT_FALSE(same_event(window, end));
  auto bounced = end;
  bounced.ended_by = EndedBy::bounced;
  EXPECT_TRUE(same_event(bounced, end)) << "bounced and expired are one phase";
}

TEST_F(FoldTest, readings_of_one_event_count_once_with_the_earliest_end_and_entry) {
  auto& first = soft(1 * kDay);
  first.id.message.entered = kStart;
  auto reading = first;
  reading.id.ended -= Duration(1);
  reading.id.message.entered += kEntryApart;
  auto other = first;
  other.id.message.entered += kEntryApart + Duration(1);
  const auto merged = merge_readings({first, reading, other, first});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged.front().id.ended, reading.id.ended);
  EXPECT_EQ(merged.front().id.message.entered, kStart);
}

TEST_F(FoldTest, a_domain_away_from_friday_to_sunday_is_not_suppressed) {
  of_domain = true;
  deliver(0 * kDay);
  for (int failed = 1; failed < 8; ++failed) soft(failed * kDay);
  EXPECT_EQ(entries(8 * kDay), "") << "seven failed sends, but only six days";
  EXPECT_EQ(streak(8 * kDay), 7U);
  deliver(8 * kDay - Duration(1));
  soft(8 * kDay);
  EXPECT_EQ(entries(8 * kDay), "");
  EXPECT_EQ(streak(8 * kDay), 1U);
}

TEST_F(FoldTest, a_domain_is_suppressed_seven_days_after_its_first_failure_since_a_delivery) {
  of_domain = true;
  deliver(0 * kDay);
  soft(20 * kDay);
  soft(21 * kDay);
  soft(27 * kDay - Duration(1));
  EXPECT_EQ(entries(27 * kDay), "") << "long without mail is not long without a delivery";
  soft(27 * kDay);
  EXPECT_EQ(entries(27 * kDay), "soft active 27d-57d");
}

TEST_F(FoldTest, two_failed_sends_suppress_no_domain_however_far_apart) {
  of_domain = true;
  soft(0 * kDay);
  soft(10 * kDay);
  EXPECT_EQ(entries(10 * kDay), "");
}

TEST_F(FoldTest, a_domain_climbs_its_ladder_until_a_delivery) {
  of_domain = true;
  for (const int day : {0, 3, 7, 40}) soft(day * kDay);
  EXPECT_EQ(entries(40 * kDay), "soft active 40d-130d");
  deliver(41 * kDay);
  EXPECT_EQ(entries(41 * kDay), "");
  for (const int day : {50, 53, 57}) soft(day * kDay);
  EXPECT_EQ(entries(57 * kDay), "soft active 57d-87d");
}

TEST(FoldSets, all_properties_hold_for_random_sets) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    RandomSet set(seed, 30);
    EXPECT_EQ(Properties(set).broken(), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace suppressd
