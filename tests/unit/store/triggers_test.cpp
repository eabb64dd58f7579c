// What a person does with the sqlite3 shell is audited, and counts as an act by hand; what the program does
// is not audited twice.

#include <gtest/gtest.h>

#include "fixture.h"

namespace suppressd::test {
namespace {

class TriggersTest : public StoreTest {
 protected:
  TriggersTest() : database_(open()), shell_(path_) {}

  void hand(const std::string& sql) { EXPECT_EQ(shell_.run(sql), "") << sql; }
  std::string audit() { return shell_.ask("SELECT address, act, kind, actor, cause FROM audit ORDER BY id"); }

  Database database_;
  Shell shell_;
};

TEST_F(TriggersTest, a_row_inserted_by_hand_is_audited) {
  hand("INSERT INTO suppression(address) VALUES ('a@b.example')");
  EXPECT_EQ(audit(), "a@b.example|added|manual|sqlite3|row inserted by hand");
}

TEST_F(TriggersTest, a_domain_has_no_recipient) {
  hand("INSERT INTO suppression(address) VALUES ('@b.example')");
  hand("DELETE FROM suppression");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient"), "0");
  EXPECT_EQ(shell_.ask("SELECT act FROM audit ORDER BY id"), "added\nlifted");
}

TEST_F(TriggersTest, an_entry_lifted_by_hand_ends_the_streak) {
  Recipient recipient;
  recipient.streak = 3;
  recipient.streak_since = kNow - kDay;
  recipient.last_failure = kNow;
  recipient.soft_step = 1;
  put(database_, {entry("a@b.example", SuppressionKind::soft)}, recipient);
  hand("UPDATE suppression SET until = unixepoch(), since = unixepoch() WHERE address = 'a@b.example'");
  EXPECT_EQ(audit(), "a@b.example|lifted|soft|sqlite3|row changed by hand");
  EXPECT_EQ(shell_.ask("SELECT streak, streak_since, soft_step, events FROM recipient"), "0|NULL|0|1");
  EXPECT_EQ(shell_.ask("SELECT act, actor, address FROM act JOIN act_address USING (number)"),
            "lift|sqlite3|a@b.example")
      << "so that the list goes on from it";
  EXPECT_EQ(shell_.ask("SELECT before ->> '$.entry.ref', before ->> '$.entry.since' FROM audit"),
            "ABC123|" + std::to_string(to_unix(kNow)));
}

TEST_F(TriggersTest, a_longer_time_is_a_change_and_ends_no_streak) {
  Recipient recipient;
  recipient.streak = 3;
  put(database_, {entry("a@b.example", SuppressionKind::soft)}, recipient);
  hand("UPDATE suppression SET until = 4000000000");
  hand("UPDATE suppression SET state = 'pending'");
  hand("UPDATE suppression SET state = 'active'");
  EXPECT_EQ(shell_.ask("SELECT act FROM audit ORDER BY id"), "changed\npending\nconfirmed");
  EXPECT_EQ(shell_.ask("SELECT act FROM act"), "confirm");
  EXPECT_EQ(shell_.ask("SELECT streak FROM recipient"), "3");
}

TEST_F(TriggersTest, a_row_deleted_by_hand_is_audited_with_its_state_before) {
  put(database_, {entry("a@b.example", SuppressionKind::hard)});
  hand("DELETE FROM suppression WHERE address = 'a@b.example'");
  EXPECT_EQ(audit(), "a@b.example|lifted|hard|sqlite3|row deleted by hand");
  EXPECT_EQ(shell_.ask("SELECT before ->> '$.entry.category' FROM audit"), "bad-mailbox");
  EXPECT_EQ(shell_.ask("SELECT act, address FROM act JOIN act_address USING (number)"), "lift|a@b.example");
}

TEST_F(TriggersTest, an_entry_by_hand_that_is_lifted_by_hand_is_no_act) {
  hand("INSERT INTO suppression(address, since) VALUES ('a@b.example', 1)");
  hand("UPDATE suppression SET until = unixepoch()");
  hand("DELETE FROM suppression");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM act"), "0");
}

TEST_F(TriggersTest, exemptions_by_hand_are_audited) {
  hand("INSERT INTO exemption(address) VALUES ('@b.example')");
  hand("UPDATE exemption SET address = '@c.example'");
  hand("DELETE FROM exemption");
  EXPECT_EQ(shell_.ask("SELECT address, act FROM audit ORDER BY id"),
            "@b.example|exempted\n@b.example|unexempted\n@c.example|exempted\n@c.example|unexempted");
}

TEST_F(TriggersTest, what_the_program_writes_is_not_audited_by_triggers) {
  put(database_, {entry("a@b.example", SuppressionKind::hard)});
  auto lifted = entry("a@b.example", SuppressionKind::hard);
  lifted.until = kNow + Duration{1};
  put(database_, {lifted});
  EXPECT_EQ(audit(), "");
}

}  // namespace
}  // namespace suppressd::test
