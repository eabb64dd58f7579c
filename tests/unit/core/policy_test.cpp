#include "suppressd/core/policy.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using std::chrono::hours;

constexpr Duration kDay = hours(24);
const Time kStart = from_unix(1'790'000'000);

// An address and what happens to it; days are counted from kStart.
class PolicyTest : public testing::Test {
 protected:
  PolicyResult deliver(Duration at) {
    return policy.apply({.kind = Outcome::Kind::delivered, .evidence = evidence(at, "delivered", {})}, record,
                        brake);
  }

  PolicyResult fail(Action action, Duration at, Category category = Category::mailbox_full,
                    bool weak = false) {
    return policy.apply({.kind = Outcome::Kind::failed,
                         .action = action,
                         .weak = weak,
                         .evidence = evidence(at, "failed", category)},
                        record, brake);
  }
  PolicyResult soft(Duration at) { return fail(Action::soft, at); }
  PolicyResult hard(Duration at) { return fail(Action::hard, at, Category::bad_mailbox); }

  bool refused(SuppressionKind kind, Duration at) const {
    const auto& entry = record.entry(kind);
    return entry && entry->in_force(kStart + at);
  }
  bool soft_refused(Duration at) const { return refused(SuppressionKind::soft, at); }
  bool hard_refused(Duration at) const { return refused(SuppressionKind::hard, at); }

  static std::string acts(const PolicyResult& result) {
    std::string text;
    for (const auto& change : result.changes) text += change.act + " ";
    return text;
  }

  AddressRecord record{.address = "a@b.example"};
  Policy policy{PolicySettings{}};
  Brake brake{200};

 private:
  Evidence evidence(Duration at, const char* what, std::optional<Category> category) const {
    Evidence evidence;
    evidence.address = record.address;
    evidence.at = kStart + at;
    evidence.entered = kStart + at;
    evidence.what = what;
    evidence.provider = "b.example";
    if (category) evidence.category = name_of(*category);
    return evidence;
  }
};

TEST_F(PolicyTest, a_hard_failure_suppresses_at_once_and_for_ever) {
  const auto result = hard(kDay);
  EXPECT_EQ(acts(result), "suppressed ");
  EXPECT_TRUE(hard_refused(kDay));
  EXPECT_TRUE(hard_refused(kDay * 40000));
  EXPECT_FALSE(record.entry(SuppressionKind::hard)->ref.empty());
}

TEST_F(PolicyTest, two_soft_failures_do_not_suppress_and_the_third_does) {
  EXPECT_EQ(acts(soft(kDay)), "");
  EXPECT_EQ(acts(soft(kDay * 2)), "");
  EXPECT_EQ(acts(soft(kDay * 3)), "suppressed ");
  EXPECT_TRUE(soft_refused(kDay * 4));
  EXPECT_FALSE(soft_refused(kDay * 33));
  EXPECT_EQ(record.recipient.streak, 3);
}

TEST_F(PolicyTest, a_delivery_between_begins_the_streak_anew) {
  soft(kDay);
  soft(kDay * 2);
  deliver(kDay * 3);
  EXPECT_EQ(record.recipient.streak, 0);
  soft(kDay * 4);
  EXPECT_EQ(acts(soft(kDay * 5)), "");
  EXPECT_EQ(acts(soft(kDay * 6)), "suppressed ");
}

TEST_F(PolicyTest, three_failures_within_an_hour_are_one) {
  soft(kDay);
  soft(kDay + hours(1) / 2);
  soft(kDay + hours(1));
  EXPECT_EQ(record.recipient.streak, 1);
  EXPECT_FALSE(soft_refused(kDay + hours(2)));
}

TEST_F(PolicyTest, the_interval_is_counted_from_the_last_counted_failure) {
  soft(kDay);
  soft(kDay + hours(15));  // not counted
  soft(kDay + hours(16));  // counted: 16 h after the first
  EXPECT_EQ(record.recipient.streak, 2);
}

TEST_F(PolicyTest, what_is_nobodys_fault_neither_adds_nor_ends) {
  soft(kDay);
  soft(kDay * 2);
  const auto result = fail(Action::none, kDay * 3, Category::blocked);
  EXPECT_TRUE(result.evidence_kept);
  EXPECT_FALSE(result.record_changed);
  EXPECT_EQ(acts(soft(kDay * 4)), "suppressed ");
}

TEST_F(PolicyTest, the_ladder_takes_the_next_step_with_one_failure) {
  for (int day = 1; day <= 3; ++day) soft(kDay * day);
  EXPECT_EQ(acts(soft(kDay * 10)), "") << "a failure while an entry is active is evidence only";
  EXPECT_EQ(acts(soft(kDay * 40)), "suppressed ");
  EXPECT_TRUE(soft_refused(kDay * 129));
  EXPECT_FALSE(soft_refused(kDay * 130));
  EXPECT_EQ(acts(soft(kDay * 140)), "suppressed ");
  EXPECT_TRUE(soft_refused(kDay * 9000)) << "the last step is for ever";
}

TEST_F(PolicyTest, a_delivery_lifts_a_soft_entry_and_begins_the_ladder_anew) {
  for (int day = 1; day <= 3; ++day) soft(kDay * day);
  EXPECT_EQ(acts(deliver(kDay * 5)), "lifted ");
  EXPECT_FALSE(soft_refused(kDay * 5));
  EXPECT_EQ(acts(soft(kDay * 40)), "");
  soft(kDay * 41);
  soft(kDay * 42);
  EXPECT_FALSE(soft_refused(kDay * 73)) << "30 d again, not 90 d";
}

TEST_F(PolicyTest, silence_for_half_a_year_ends_the_streak) {
  soft(kDay);
  soft(kDay * 2);
  soft(kDay * 182);
  EXPECT_EQ(record.recipient.streak, 1);
  EXPECT_EQ(record.recipient.streak_since, kStart + kDay * 182);
}

TEST_F(PolicyTest, a_delivery_after_a_hard_entry_is_a_contradiction_and_lifts_nothing) {
  hard(kDay);
  EXPECT_EQ(acts(deliver(kDay * 2)), "contradicted ");
  EXPECT_TRUE(hard_refused(kDay * 3));
  EXPECT_EQ(record.entry(SuppressionKind::hard)->contradicted_at, kStart + kDay * 2);
  EXPECT_EQ(acts(deliver(kDay * 3)), "") << "it is told once";
}

TEST_F(PolicyTest, weak_rules_suppress_for_a_month_and_then_for_ever) {
  fail(Action::hard, kDay, Category::undetermined_permanent, true);
  EXPECT_TRUE(hard_refused(kDay * 30));
  EXPECT_FALSE(hard_refused(kDay * 31));
  fail(Action::hard, kDay * 32, Category::undetermined_permanent, true);
  EXPECT_TRUE(hard_refused(kDay * 9000));
}

TEST_F(PolicyTest, a_dead_domain_has_a_ladder_of_its_own) {
  fail(Action::hard, kDay, Category::bad_domain);
  EXPECT_TRUE(hard_refused(kDay * 7));
  EXPECT_FALSE(hard_refused(kDay * 8));
  fail(Action::hard, kDay * 9, Category::bad_domain);
  EXPECT_TRUE(hard_refused(kDay * 38));
  EXPECT_FALSE(hard_refused(kDay * 39));
  fail(Action::hard, kDay * 50, Category::bad_domain);
  EXPECT_TRUE(hard_refused(kDay * 9000));
}

TEST_F(PolicyTest, late_events_are_evidence_only) {
  deliver(kDay * 10);
  EXPECT_EQ(acts(hard(kDay * 9)), "");
  soft(kDay * 9);
  EXPECT_EQ(record.recipient.streak, 0);
  soft(kDay * 11);
  deliver(kDay * 10 + hours(1));
  EXPECT_EQ(record.recipient.streak, 1);
}

TEST_F(PolicyTest, a_late_hard_failure_newer_than_delivery_and_hand_takes_effect) {
  deliver(kDay);
  soft(kDay * 5);
  EXPECT_EQ(acts(hard(kDay * 3)), "suppressed ");
  EXPECT_EQ(record.recipient.last_failure, kStart + kDay * 5);
}

TEST_F(PolicyTest, the_same_event_again_changes_nothing) {
  soft(kDay);
  const auto before = record.recipient;
  soft(kDay);
  EXPECT_EQ(record.recipient, before);
  hard(kDay * 2);
  EXPECT_EQ(acts(hard(kDay * 2)), "");
}

TEST_F(PolicyTest, an_old_log_does_not_undo_a_lift_by_hand) {
  hard(kDay);
  lift_by_hand(record, "anna", "called us", kStart + kDay * 5);
  EXPECT_FALSE(hard_refused(kDay * 5));
  EXPECT_EQ(acts(hard(kDay * 4)), "");
  EXPECT_FALSE(hard_refused(kDay * 6));
  EXPECT_EQ(acts(hard(kDay * 6)), "suppressed ");
}

TEST_F(PolicyTest, a_row_written_by_hand_counts_as_an_act_by_hand) {
  record.entry(SuppressionKind::manual) = Suppression{.address = record.address, .since = kStart + kDay * 5};
  EXPECT_EQ(acts(hard(kDay * 4)), "");
  EXPECT_EQ(acts(hard(kDay * 6)), "") << "a failure while an entry is active is evidence only";
}

TEST_F(PolicyTest, a_mailbox_that_was_full_and_is_now_gone_becomes_hard) {
  for (int day = 1; day <= 3; ++day) soft(kDay * day);
  EXPECT_EQ(acts(hard(kDay * 4)), "suppressed ");
  EXPECT_TRUE(hard_refused(kDay * 90));
}

TEST_F(PolicyTest, an_exempt_address_learns_nothing) {
  record.exempt = true;
  const auto result = hard(kDay);
  EXPECT_FALSE(result.evidence_kept);
  EXPECT_FALSE(hard_refused(kDay));
}

TEST_F(PolicyTest, what_a_smart_host_took_is_no_delivery) {
  soft(kDay);
  Outcome relayed{.kind = Outcome::Kind::relayed};
  relayed.evidence.at = kStart + kDay * 2;
  policy.apply(relayed, record, brake);
  EXPECT_EQ(record.recipient.streak, 1);
}

TEST_F(PolicyTest, a_complaint_suppresses_at_once) {
  fail(Action::complaint, kDay, Category::complaint);
  EXPECT_TRUE(refused(SuppressionKind::complaint, kDay * 9000));
}

class BurstTest : public PolicyTest {
 protected:
  PolicyResult weak(Duration at, Category category = Category::undetermined_permanent) {
    return fail(Action::hard, at, category, true);
  }
  std::optional<Time> until() const { return record.entry(SuppressionKind::hard)->until; }
  void SetUp() override {
    brake = Brake{0 + 1};
  }  // the second hard entry at an operator within an hour is one too many
  void burst() {
    AddressRecord other{.address = "other@b.example"};
    std::swap(record, other);
    hard(kDay);
    std::swap(record, other);
  }
};

TEST_F(BurstTest, what_is_too_much_is_pending_and_refuses_nobody) {
  burst();
  EXPECT_EQ(acts(hard(kDay + hours(1) / 2)), "pending ");
  EXPECT_FALSE(hard_refused(kDay * 2));
}

TEST_F(BurstTest, a_delivery_drops_a_pending_entry) {
  burst();
  hard(kDay + hours(1) / 2);
  EXPECT_EQ(acts(deliver(kDay * 2)), "dropped ");
  EXPECT_TRUE(record.entry(SuppressionKind::hard)->ended(kStart + kDay * 2));
}

TEST_F(BurstTest, a_second_hard_failure_confirms_after_three_days_and_not_before) {
  burst();
  hard(kDay);
  EXPECT_EQ(acts(hard(kDay + hours(71))), "");
  EXPECT_FALSE(hard_refused(kDay + hours(71)));
  EXPECT_EQ(acts(hard(kDay + hours(72))), "confirmed ");
  EXPECT_TRUE(hard_refused(kDay + hours(72)));
}

TEST_F(BurstTest, a_person_confirms_a_pending_entry) {
  burst();
  hard(kDay);
  EXPECT_EQ(acts(confirm_by_hand(record, "anna", "", kStart + kDay * 2)), "confirmed ");
  EXPECT_TRUE(hard_refused(kDay * 2));
}

TEST_F(BurstTest, a_weak_entry_does_not_become_permanent_by_being_pending_first) {
  burst();
  EXPECT_EQ(acts(weak(kDay)), "pending ");
  EXPECT_EQ(acts(weak(kDay * 5)), "confirmed ");
  EXPECT_EQ(record.entry(SuppressionKind::hard)->since, kStart + kDay);
  EXPECT_EQ(until(), kStart + kDay * 35) << "the first step, from the confirmation on";
  EXPECT_EQ(acts(weak(kDay * 36)), "suppressed ");
  EXPECT_FALSE(until()) << "the second step";
}

TEST_F(BurstTest, a_weak_entry_does_not_become_permanent_by_being_confirmed_by_hand) {
  burst();
  weak(kDay);
  confirm_by_hand(record, "anna", "", kStart + kDay * 5);
  EXPECT_EQ(until(), kStart + kDay * 35);
  weak(kDay * 36);
  EXPECT_FALSE(until());
}

TEST_F(BurstTest, a_pending_entry_that_ran_out_takes_no_step) {
  burst();
  weak(kDay);
  EXPECT_EQ(record.recipient.hard_step, 0);
  EXPECT_EQ(acts(weak(kDay * 40)), "suppressed ");
  EXPECT_EQ(until(), kStart + kDay * 70);
}

TEST_F(BurstTest, a_pending_entry_that_a_delivery_dropped_takes_no_step) {
  burst();
  weak(kDay, Category::bad_domain);
  deliver(kDay * 2);
  EXPECT_EQ(record.recipient.hard_step, 0);
  EXPECT_EQ(acts(weak(kDay * 3, Category::bad_domain)), "suppressed ");
  EXPECT_EQ(until(), kStart + kDay * 10);
}

TEST_F(BurstTest, a_confirmation_does_not_weaken_a_sure_judgement) {
  burst();
  hard(kDay);
  weak(kDay * 5);
  EXPECT_TRUE(hard_refused(kDay * 9000));
  EXPECT_EQ(record.entry(SuppressionKind::hard)->category, "bad-mailbox");
}

TEST_F(BurstTest, a_sure_confirmation_of_a_weak_judgement_is_permanent) {
  burst();
  weak(kDay);
  hard(kDay * 5);
  EXPECT_TRUE(hard_refused(kDay * 9000));
  EXPECT_EQ(record.entry(SuppressionKind::hard)->category, "bad-mailbox");
  EXPECT_EQ(record.entry(SuppressionKind::hard)->since, kStart + kDay);
  EXPECT_EQ(record.recipient.hard_step, 0);
}

TEST_F(PolicyTest, an_entry_added_by_hand_is_in_force_until_it_is_lifted) {
  add_by_hand(record, {.kind = SuppressionKind::manual, .note = "asked for it", .actor = "anna"}, kStart);
  EXPECT_TRUE(refused(SuppressionKind::manual, Duration{0}));
  const auto lifted = lift_by_hand(record, "anna", "", kStart + kDay);
  EXPECT_EQ(acts(lifted), "lifted ");
  EXPECT_FALSE(refused(SuppressionKind::manual, kDay));
}

}  // namespace
}  // namespace suppressd
