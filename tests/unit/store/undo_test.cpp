#include "suppressd/store/undo.h"

#include <gtest/gtest.h>

#include "dump.h"
#include "fixture.h"

namespace suppressd::test {
namespace {

using Kind = SuppressionKind;

class UndoTest : public StoreTest {
 protected:
  UndoTest() : database_(open()), shell_(path_) {
    recipient_.streak = 3;
    recipient_.streak_since = kNow - kDay;
    recipient_.last_failure = kNow;
    recipient_.last_failure_entered = kNow - Duration{9};
    recipient_.last_category = "mailbox-full";
    recipient_.soft_step = 2;
    recipient_.hard_step = 1;
    recipient_.last_delivery = kNow - 2 * kDay;
  }

  UndoReport lift(const UndoFilter& filter, bool dry_run = false) {
    return must(undo(database_, filter, "root", kLater, dry_run));
  }
  UndoReport lift() { return lift({.since = kNow, .until = kNow + Duration{3600}}); }
  UndoReport take_back(std::int64_t batch, bool dry_run = false) {
    return must(restore(database_, batch, "root", kLater + kDay, dry_run));
  }
  std::string in_force() {
    return shell_.ask(
        "SELECT coalesce(group_concat(address || ' ' || kind), '') FROM (SELECT * FROM suppression WHERE "
        "until IS NULL OR until > " +
        std::to_string(to_unix(kLater)) + " ORDER BY address, kind)");
  }
  /// Entries and recipients, without the audit.
  std::string state() {
    std::string text;
    must(dump(database_, [&](std::string_view line) {
      if (!has(std::string(line), R"("table":"audit")")) text.append(line).append("\n");
    }));
    return text;
  }

  inline static const Time kLater = kNow + 2 * kDay;
  Database database_;
  Shell shell_;
  Recipient recipient_;
};

TEST_F(UndoTest, lifts_what_was_learned_in_that_time_and_nothing_else) {
  auto pending = entry("pending@b.example", Kind::hard);
  pending.state = SuppressionState::pending;
  auto ended = entry("ended@b.example", Kind::soft);
  ended.until = kNow + kDay;
  put(database_, {entry("hard@b.example", Kind::hard), entry("soft@b.example", Kind::soft), pending, ended,
                  entry("manual@b.example", Kind::manual), entry("complaint@b.example", Kind::complaint),
                  entry("before@b.example", Kind::hard, kNow - Duration{1}),
                  entry("after@b.example", Kind::hard, kNow + Duration{3600})});
  const UndoReport report = lift();
  EXPECT_GT(report.batch, 0);
  ASSERT_EQ(report.entries.size(), 3u);
  EXPECT_EQ(
      in_force(),
      "after@b.example hard,before@b.example hard,complaint@b.example complaint,manual@b.example manual");
  EXPECT_EQ(shell_.ask("SELECT address, act, kind, actor, batch FROM audit ORDER BY id"),
            "hard@b.example|lifted|hard|root|1\npending@b.example|lifted|hard|root|1\nsoft@b.example|lifted|"
            "soft|root|1");
  EXPECT_TRUE(has(shell_.ask("SELECT cause FROM audit LIMIT 1"),
                  "undo of what was learned from 2026-11-01T23:00:00Z to 2026-11-02T00:00:00Z"));
}

TEST_F(UndoTest, operator_category_and_rule_narrow_it) {
  auto other = entry("other@b.example", Kind::hard);
  other.provider = "other.example";
  other.category = "moved";
  other.rule = "has-moved";
  put(database_, {other, entry("a@b.example", Kind::hard)});
  const UndoFilter hour{.since = kNow, .until = kNow + Duration{3600}};
  auto filter = hour;
  filter.provider = "other.example";
  EXPECT_EQ(lift(filter, true).entries.at(0).address, "other@b.example");
  filter = hour;
  filter.category = "bad-mailbox";
  EXPECT_EQ(lift(filter, true).entries.at(0).address, "a@b.example");
  filter.rule = "has-moved";
  EXPECT_TRUE(lift(filter, true).entries.empty());
}

TEST_F(UndoTest, a_dry_run_changes_nothing_and_needs_no_permission_to_write) {
  put(database_, {entry("a@b.example", Kind::hard)}, recipient_);
  const std::string before = state();
  database_ = open(Database::Mode::read_only);
  const UndoReport report = lift({.since = kNow, .until = kNow + Duration{1}}, true);
  EXPECT_EQ(report.batch, 0);
  EXPECT_EQ(report.entries.size(), 1u);
  EXPECT_EQ(state(), before);
}

TEST_F(UndoTest, nothing_to_lift_is_no_batch) {
  EXPECT_EQ(lift().batch, 0);
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM batch"), "0");
}

TEST_F(UndoTest, streak_and_ladders_begin_anew_and_older_events_count_no_more) {
  put(database_, {entry("a@b.example", Kind::soft)}, recipient_);
  lift();
  EXPECT_EQ(shell_.ask("SELECT streak, streak_since, soft_step, hard_step, last_manual FROM recipient"),
            "0|NULL|0|0|" + std::to_string(to_unix(kLater)));
}

TEST_F(UndoTest, an_undo_can_be_taken_back_to_the_very_state_before) {
  auto until = entry("until@b.example", Kind::soft);
  until.until = kNow + 30 * kDay;
  until.note = "a note";
  until.contradicted_at = kNow + Duration{3};
  auto pending = entry("pending@b.example", Kind::hard);
  pending.state = SuppressionState::pending;
  put(database_, {until, pending}, recipient_);
  put(database_, {entry("bare@b.example", Kind::hard), entry("both@b.example", Kind::hard),
                  entry("both@b.example", Kind::soft)});
  put(database_, {entry("both@b.example", Kind::soft)});
  const std::string before = state();
  const UndoReport lifted = lift();
  EXPECT_EQ(lifted.entries.size(), 5u);
  EXPECT_EQ(take_back(lifted.batch, true).entries.size(), 5u);
  EXPECT_NE(state(), before);
  const UndoReport restored = take_back(lifted.batch);
  EXPECT_EQ(restored.entries.size(), 5u);
  EXPECT_GT(restored.batch, lifted.batch);
  EXPECT_EQ(state(), before);
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM audit WHERE act = 'restored' AND batch = " +
                       std::to_string(restored.batch)),
            "5");
}

TEST_F(UndoTest, what_was_changed_since_the_undo_is_not_restored) {
  put(database_, {entry("again@b.example", Kind::hard), entry("delivered@b.example", Kind::hard),
                  entry("failed@b.example", Kind::hard), entry("byhand@b.example", Kind::hard),
                  entry("same@b.example", Kind::hard)});
  const auto batch = lift().batch;

  put(database_, {entry("again@b.example", Kind::hard, kLater + Duration{5})}, {.last_manual = kLater});
  Ledger ledger(database_);
  bool foreign = false;
  must(ledger.begin(foreign));
  AddressRecord* delivered = must(ledger.record("delivered@b.example"));
  delivered->recipient.last_delivery = kLater + Duration{5};
  ledger.changed(*delivered);
  AddressRecord* failed = must(ledger.record("failed@b.example"));
  failed->recipient.streak = 1;
  failed->recipient.last_failure = kLater + Duration{5};
  ledger.changed(*failed);
  must(ledger.commit());
  shell_.run("UPDATE suppression SET note = 'mine' WHERE address = 'byhand@b.example'");

  const UndoReport report = take_back(batch);
  ASSERT_EQ(report.entries.size(), 1u);
  EXPECT_EQ(report.entries[0].address, "same@b.example");
  EXPECT_EQ(in_force(), "again@b.example hard,same@b.example hard");
}

TEST_F(UndoTest, an_undo_is_taken_back_once) {
  put(database_, {entry("a@b.example", Kind::hard)});
  const auto batch = lift().batch;
  take_back(batch);
  EXPECT_EQ(take_back(batch).batch, 0);
  EXPECT_EQ(lift().entries.size(), 1u);
}

TEST_F(UndoTest, only_the_number_of_an_undo_can_be_taken_back) {
  put(database_, {entry("a@b.example", Kind::hard)});
  const auto restored = take_back(lift().batch).batch;
  for (const auto batch : {std::int64_t{99}, restored}) {
    const auto result = restore(database_, batch, "root", kLater, false);
    ASSERT_FALSE(result);
    EXPECT_TRUE(has(result.error().message, "there is no undo number " + std::to_string(batch)));
  }
}

}  // namespace
}  // namespace suppressd::test
