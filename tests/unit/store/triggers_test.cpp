// Changes with the sqlite3 shell are audited, and count as acts by hand; changes by the program are not
// audited twice.

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

TEST_F(TriggersTest, an_entry_of_a_whole_domain_is_lifted_by_hand_if_the_program_made_it) {
  Recipient recipient;
  recipient.streak = 3;
  recipient.soft_step = 1;
  put(database_, {entry("@b.example", SuppressionKind::soft)}, recipient);
  const auto later = std::to_string(to_unix(kNow) + 4'000'000'000);
  hand("INSERT INTO domain(domain, last_delivery) VALUES ('b.example', " + later + ")");
  hand("DELETE FROM suppression");
  EXPECT_EQ(shell_.ask("SELECT act, address, x.at FROM act JOIN act_address AS x USING (number)"),
            "lift|@b.example|" + later)
      << "not before its newest event";
  EXPECT_EQ(shell_.ask("SELECT streak, soft_step, events FROM recipient"), "0|0|1");
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

TEST_F(TriggersTest, lifting_one_entry_by_hand_leaves_the_others_and_their_evidence) {
  Recipient recipient;
  recipient.streak = 2;
  recipient.soft_step = 1;
  recipient.hard_step = 1;
  put(database_,
      {entry("a@b.example", SuppressionKind::complaint), entry("a@b.example", SuppressionKind::hard)},
      recipient);
  hand("DELETE FROM suppression WHERE kind = 'complaint'");
  EXPECT_EQ(shell_.ask("SELECT streak, soft_step, hard_step FROM recipient"), "2|1|1");
  hand("UPDATE suppression SET until = unixepoch(), since = unixepoch() WHERE kind = 'hard'");
  EXPECT_EQ(shell_.ask("SELECT streak, soft_step, hard_step FROM recipient"), "2|1|0");
  EXPECT_EQ(shell_.ask("SELECT act, kind FROM act ORDER BY number"), "lift|complaint\nlift|hard");
}

TEST_F(TriggersTest, each_row_of_one_update_is_an_act_and_the_audit_names_it) {
  put(database_, {entry("a@b.example", SuppressionKind::hard), entry("a@b.example", SuppressionKind::soft),
                  entry("c@b.example", SuppressionKind::hard)});
  hand("INSERT INTO suppression(address, since) VALUES ('a@b.example', 1)");
  hand("UPDATE suppression SET until = unixepoch(), since = 1");
  EXPECT_EQ(shell_.ask("SELECT u.address, u.kind, a.kind, x.address FROM audit AS u"
                       " LEFT JOIN act AS a ON a.number = u.number"
                       " LEFT JOIN act_address AS x ON x.number = u.number"
                       " WHERE u.act = 'lifted' ORDER BY u.address, u.kind"),
            "a@b.example|hard|hard|a@b.example\na@b.example|manual|NULL|NULL\n"
            "a@b.example|soft|soft|a@b.example\nc@b.example|hard|hard|c@b.example");
}

TEST_F(TriggersTest, an_act_is_not_dated_before_the_newest_event_of_its_address) {
  Recipient recipient;
  recipient.last_delivery = from_unix(4'000'000'000);
  put(database_, {entry("a@b.example", SuppressionKind::hard)}, recipient);
  hand("DELETE FROM suppression");
  EXPECT_EQ(shell_.ask("SELECT at FROM act_address"), "4000000000");
}

TEST_F(TriggersTest, a_pending_row_made_active_by_hand_does_not_end_when_it_would_have_been_dropped) {
  auto pending = entry("a@b.example", SuppressionKind::hard);
  pending.state = SuppressionState::pending;
  pending.until = from_unix(4'000'000'000);
  put(database_, {pending});
  hand("UPDATE suppression SET state = 'active'");
  EXPECT_EQ(shell_.ask("SELECT state, until FROM suppression"), "active|NULL");
  EXPECT_EQ(shell_.ask("SELECT act, number IS NOT NULL, before ->> '$.entry.until' FROM audit"),
            "confirmed|1|4000000000");
  EXPECT_EQ(shell_.ask("SELECT act, kind FROM act"), "confirm|");
}

TEST_F(TriggersTest, an_end_that_is_given_with_the_confirmation_is_kept) {
  auto pending = entry("a@b.example", SuppressionKind::hard);
  pending.state = SuppressionState::pending;
  pending.until = from_unix(4'000'000'000);
  put(database_, {pending});
  hand("UPDATE suppression SET state = 'active', until = 4100000000");
  EXPECT_EQ(shell_.ask("SELECT until FROM suppression"), "4100000000");
}

TEST_F(TriggersTest, a_complaint_by_hand_has_no_end_if_it_would_hide_a_learned_one) {
  {
    Ledger ledger = open_ledger();
    Batch batch = must(ledger.begin());
    auto report = failure("a@b.example");
    report.kind = OutcomeKind::complaint;
    must(batch.save(evidence_of(report)));
    must(batch.commit());
  }
  const std::string write =
      "INSERT OR REPLACE INTO suppression(address, kind, until) VALUES ('a@b.example', 'complaint', "
      "4000000000)";
  hand(write);
  EXPECT_EQ(shell_.ask("SELECT until FROM suppression"), "NULL");
  hand("UPDATE suppression SET until = 4000000000");
  EXPECT_EQ(shell_.ask("SELECT until FROM suppression"), "NULL");
  hand("UPDATE suppression SET until = since");
  EXPECT_EQ(shell_.ask("SELECT until = since FROM suppression"), "1") << "a lift ends the learned one, too";
  hand(write);
  EXPECT_EQ(shell_.ask("SELECT until FROM suppression"), "4000000000");
  hand("INSERT INTO act(act, reverts) SELECT 'revert', number FROM act");
  hand(write);
  EXPECT_EQ(shell_.ask("SELECT until FROM suppression"), "NULL");
}

TEST_F(TriggersTest, lifting_one_scope_by_hand_leaves_the_others) {
  auto shop = entry("a@b.example", SuppressionKind::complaint);
  shop.scope = "shop.example";
  put(database_, {entry("a@b.example", SuppressionKind::complaint), shop});
  hand("DELETE FROM suppression WHERE scope = 'shop.example'");
  EXPECT_EQ(shell_.ask("SELECT act, kind, scope FROM act"), "lift|complaint|shop.example");
  EXPECT_EQ(shell_.ask("SELECT scope, before ->> '$.entry.scope' FROM audit"), "shop.example|shop.example");
  hand("DELETE FROM suppression");
  EXPECT_EQ(shell_.ask("SELECT quote(scope) FROM act ORDER BY number DESC LIMIT 1"), "''");
}

TEST_F(TriggersTest, a_change_of_a_row_that_was_over_is_not_an_act) {
  auto over = entry("a@b.example", SuppressionKind::soft, from_unix(1'000));
  over.until = from_unix(2'000);
  put(database_, {over});
  hand("DELETE FROM suppression");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM act"), "0");
  EXPECT_EQ(shell_.ask("SELECT number FROM audit"), "NULL");
}

TEST_F(TriggersTest, a_row_deleted_by_hand_is_audited_with_its_state_before) {
  put(database_, {entry("a@b.example", SuppressionKind::hard)});
  hand("DELETE FROM suppression WHERE address = 'a@b.example'");
  EXPECT_EQ(audit(), "a@b.example|lifted|hard|sqlite3|row deleted by hand");
  EXPECT_EQ(shell_.ask("SELECT before ->> '$.entry.category' FROM audit"), "bad-mailbox");
  EXPECT_EQ(shell_.ask("SELECT act, address FROM act JOIN act_address USING (number)"), "lift|a@b.example");
}

TEST_F(TriggersTest, lifting_an_entry_by_hand_with_sqlite3_is_not_an_act) {
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

TEST_F(TriggersTest, enforcement_that_is_turned_off_and_on_by_hand_is_audited) {
  hand("INSERT INTO enforcement_off(until) VALUES (unixepoch() + 60)");
  hand("UPDATE enforcement_off SET until = unixepoch() WHERE until > unixepoch()");
  hand("DELETE FROM enforcement_off");
  EXPECT_EQ(shell_.ask("SELECT act, actor FROM audit ORDER BY id"),
            "enforcement-off|sqlite3\nenforcement-on|sqlite3");
  EXPECT_NE(shell_.run("INSERT INTO enforcement_off(until) VALUES (unixepoch() + 700000)"), "");
  EXPECT_NE(shell_.run("INSERT INTO enforcement_off(until) VALUES (unixepoch() - 1)"), "");
}

TEST_F(TriggersTest, a_whole_domain_of_many_readers_is_pending_until_it_is_made_active) {
  const auto readers = [&](const std::string& domain, int count) {
    hand("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " +
         std::to_string(count) + ") INSERT INTO recipient(address, last_delivery) SELECT 'r' || i || '@" +
         domain + "', unixepoch() - 86400 FROM n");
  };
  readers("b.example", 100);
  readers("mail.c.example", 101);
  const auto state = [&](const std::string& address) {
    hand("INSERT INTO suppression(address) VALUES ('" + address + "')");
    return shell_.ask("SELECT state FROM suppression WHERE address = '" + address + "'");
  };
  EXPECT_EQ(state("@b.example"), "active");
  EXPECT_EQ(state("@.b.example"), "active");
  EXPECT_EQ(state("@c.example"), "active");
  EXPECT_EQ(state("@mail.c.example"), "pending");
  EXPECT_EQ(state("@.c.example"), "pending");
  EXPECT_EQ(
      shell_.ask(
          "SELECT count(*) FROM audit WHERE act = 'pending' AND cause GLOB 'it covers more than 100 *'"),
      "2");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM v_suppressed WHERE address GLOB '*c.example'"), "1");
  hand("UPDATE suppression SET state = 'active' WHERE address = '@.c.example'");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM v_suppressed WHERE address GLOB '*c.example'"), "2");
  hand("UPDATE suppression SET address = '@.c.example', kind = 'unsubscribe' WHERE address = '@b.example'");
  EXPECT_EQ(shell_.ask("SELECT state FROM suppression WHERE kind = 'unsubscribe'"), "pending")
      << "an entry that is made to cover another domain";
  hand("UPDATE suppression SET state = 'active' WHERE kind = 'unsubscribe'");
  EXPECT_EQ(shell_.ask("SELECT state FROM suppression WHERE kind = 'unsubscribe'"), "active");
  hand("UPDATE recipient SET last_delivery = unixepoch() - 181 * 86400 WHERE address GLOB 'r1@*'");
  hand("DELETE FROM suppression");
  EXPECT_EQ(state("@mail.c.example"), "active") << "100 readers";
}

}  // namespace
}  // namespace suppressd::test
