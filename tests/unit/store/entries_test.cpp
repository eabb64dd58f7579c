#include "entries.h"

#include <gtest/gtest.h>

#include "suppressd/store/admin.h"

#include "fixture.h"
#include "story.h"

namespace suppressd::test {
namespace {

using Kind = SuppressionKind;

class EntriesTest : public StoreTest {
 protected:
  EntriesTest() : database_(open()), shell_(path_) {}

  std::string addresses(const EntryFilter& filter) {
    std::string text;
    for (const Suppression& row : must(list_entries(database_, filter, kNow)))
      text += (text.empty() ? "" : " ") + row.address;
    return text;
  }

  Database database_;
  Shell shell_;
};

TEST_F(EntriesTest, a_list_holds_what_refuses_mail_unless_more_is_asked_for) {
  auto ended = entry("ended@b.example", Kind::soft, kNow - kDay);
  ended.until = kNow;
  auto pending = entry("pending@b.example", Kind::hard);
  pending.state = SuppressionState::pending;
  put(database_, {ended, pending, entry("exempt@b.example", Kind::hard), entry("now@b.example", Kind::hard),
                  entry("@c.example", Kind::manual)});
  shell_.run("INSERT INTO exemption(address) VALUES ('exempt@b.example')");
  EXPECT_EQ(addresses({}), "@c.example now@b.example");
  EXPECT_EQ(addresses({.pending = true}), "pending@b.example");
  EXPECT_EQ(addresses({.ended = true}),
            "@c.example ended@b.example exempt@b.example now@b.example pending@b.example");
  const EntryCounts counts = must(count_entries(database_, kNow));
  EXPECT_EQ(counts.in_force, 3);
  EXPECT_EQ(counts.pending, 1);
}

TEST_F(EntriesTest, each_condition_narrows_the_list) {
  auto full = entry("full@b.example", Kind::soft, kNow - kDay);
  full.category = "mailbox-full";
  full.rule = "over-quota";
  full.provider = "other.example";
  put(database_, {full, entry("dead@b.example", Kind::hard)});
  EXPECT_EQ(addresses({.address = "full@b.example"}), "full@b.example");
  EXPECT_EQ(addresses({.address = "none@b.example"}), "");
  EXPECT_EQ(addresses({.kind = "soft"}), "full@b.example");
  EXPECT_EQ(addresses({.category = "bad-mailbox"}), "dead@b.example");
  EXPECT_EQ(addresses({.provider = "other.example"}), "full@b.example");
  EXPECT_EQ(addresses({.rule = "over-quota"}), "full@b.example");
  EXPECT_EQ(addresses({.since = kNow}), "dead@b.example");
  EXPECT_EQ(addresses({.until = kNow}), "full@b.example");
  EXPECT_EQ(addresses({.kind = "soft", .since = kNow}), "");
}

TEST_F(EntriesTest, a_story_tells_all_that_is_known_of_an_address_and_nothing_of_others) {
  Recipient recipient;
  recipient.streak = 2;
  put(database_, {entry("a@b.example", Kind::hard), entry("c@b.example", Kind::soft)}, recipient);
  put(database_, {entry("@b.example", Kind::manual)});
  Ledger ledger(database_);
  bool foreign = false;
  must(ledger.begin(foreign));
  const auto id = must(ledger.add_evidence(failure("a@b.example", kNow)));
  must(ledger.add_evidence(failure("a@b.example", kNow - kDay)));
  must(ledger.add_evidence(failure("c@b.example", kNow)));
  must(ledger.add_change({.at = kNow,
                          .address = "a@b.example",
                          .act = "suppressed",
                          .kind = "hard",
                          .evidence_id = id,
                          .cause = "hard failure"}));
  must(ledger.add_change({.at = kNow + kDay, .address = "a@b.example", .act = "contradicted"}));
  must(ledger.add_change({.at = kNow, .address = "c@b.example", .act = "suppressed"}));
  must(ledger.add_refusals(
      {{.at = kNow, .address = "a@b.example", .client = "192.0.2.1"}, {.at = kNow, .address = "c@b.example"}},
      0));
  const Message message{.key = {"mx", "postfix", "4A", kNow}, .last_line = kNow};
  const Send mine{.address = "a@b.example", .first_failed = kNow, .last_failed = kNow};
  const Send other{.address = "c@b.example", .first_failed = kNow, .last_failed = kNow};
  must(ledger.save(TrackerChanges{.removed = {},
                                  .messages = {message},
                                  .sends = {{message.key, mine}, {message.key, other}},
                                  .removed_sends = {}}));
  must(ledger.commit());

  const Story story = must(story_of(database_, "a@b.example", kNow));
  EXPECT_EQ(story.record.address, "a@b.example");
  EXPECT_EQ(story.record.recipient.streak, 2);
  EXPECT_TRUE(story.record.entry(Kind::hard));
  EXPECT_FALSE(story.record.entry(Kind::soft));
  ASSERT_TRUE(story.domain_entry);
  EXPECT_EQ(story.domain_entry->address, "@b.example");
  ASSERT_EQ(story.evidence.size(), 2u);
  EXPECT_EQ(story.evidence[0].at, kNow - kDay);
  EXPECT_EQ(story.evidence[1].id, id);
  EXPECT_EQ(story.evidence[1].text, "550 5.1.1 User unknown");
  ASSERT_EQ(story.changes.size(), 2u);
  EXPECT_EQ(story.changes[0].act, "suppressed");
  EXPECT_EQ(story.changes[0].evidence_id, id);
  EXPECT_EQ(story.changes[1].act, "contradicted");
  ASSERT_EQ(story.refusals.size(), 1u);
  EXPECT_EQ(story.refusals[0].client, "192.0.2.1");
  ASSERT_EQ(story.open_sends.size(), 1u);

  const Story of_domain = must(story_of(database_, "@b.example", kNow));
  EXPECT_TRUE(of_domain.record.entry(Kind::manual));
  EXPECT_FALSE(of_domain.domain_entry);
  put(database_, {entry("@.example", Kind::manual)});
  EXPECT_EQ(must(story_of(database_, "@b.example", kNow)).domain_entry->address, "@.example");
  EXPECT_EQ(must(story_of(database_, "a@b.example", kNow)).domain_entry->address, "@b.example");
  EXPECT_FALSE(must(story_of(database_, "@.example", kNow)).domain_entry);
  EXPECT_EQ(shell_.ask("SELECT act, queue_id, text FROM v_why WHERE address = 'a@b.example' ORDER BY at"),
            "suppressed|4XYZ|550 5.1.1 User unknown\ncontradicted|NULL|NULL");
}

TEST_F(EntriesTest, an_exemption_is_added_and_removed_once_and_audited) {
  const Exemption exemption{.address = "@b.example", .since = kNow, .note = "our own", .actor = "root"};
  EXPECT_TRUE(must(add_exemption(database_, exemption)));
  EXPECT_FALSE(must(add_exemption(database_, exemption)));
  const auto list = must(list_exemptions(database_));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].address, "@b.example");
  EXPECT_EQ(list[0].since, kNow);
  EXPECT_EQ(list[0].note, "our own");
  EXPECT_EQ(list[0].actor, "root");
  EXPECT_TRUE(must(remove_exemption(database_, "@b.example", "root", kNow + kDay)));
  EXPECT_FALSE(must(remove_exemption(database_, "@b.example", "root", kNow + kDay)));
  EXPECT_TRUE(must(list_exemptions(database_)).empty());
  EXPECT_EQ(shell_.ask("SELECT address, act, actor, cause FROM audit ORDER BY id"),
            "@b.example|exempted|root|our own\n@b.example|unexempted|root|by hand");
}

TEST_F(EntriesTest, an_exemption_that_is_not_canonical_is_an_error) {
  const auto added =
      add_exemption(database_, {.address = "B@Example", .since = kNow, .note = "", .actor = ""});
  ASSERT_FALSE(added);
  EXPECT_TRUE(has(added.error().message, "address must be canonical"));
}

TEST_F(EntriesTest, v_streak_shows_running_streaks_without_an_active_hard_entry) {
  Recipient recipient;
  recipient.streak = 3;
  recipient.streak_since = kNow - kDay;
  recipient.last_failure = kNow;
  recipient.last_category = "mailbox-full";
  put(database_, {entry("soft@b.example", Kind::soft), entry("hard@b.example", Kind::hard)}, recipient);
  auto pending = entry("pending@b.example", Kind::hard);
  pending.state = SuppressionState::pending;
  auto ended = entry("ended@b.example", Kind::hard, kNow - kDay);
  ended.until = kNow;
  put(database_, {pending, ended}, recipient);
  EXPECT_EQ(shell_.ask("SELECT address, streak, since, last_failure, category FROM v_streak WHERE address = "
                       "'soft@b.example'"),
            "soft@b.example|3|2026-10-31T23:00:00Z|2026-11-01T23:00:00Z|mailbox-full");
  EXPECT_EQ(shell_.ask("SELECT address FROM v_streak ORDER BY 1"),
            "ended@b.example\npending@b.example\nsoft@b.example");
}

TEST_F(EntriesTest, v_at_risk_shows_contradicted_and_pending_entries) {
  auto contradicted = entry("alive@b.example", Kind::hard);
  contradicted.contradicted_at = kNow;
  auto pending = entry("pending@b.example", Kind::hard);
  pending.state = SuppressionState::pending;
  put(database_, {contradicted, pending, entry("dead@b.example", Kind::hard)});
  EXPECT_EQ(shell_.ask("SELECT address, risk FROM v_at_risk ORDER BY 1"),
            "alive@b.example|delivered since\npending@b.example|pending");
}

TEST_F(EntriesTest, v_blocked_counts_refusals_of_our_mail_by_operator_and_day) {
  Ledger ledger(database_);
  bool foreign = false;
  must(ledger.begin(foreign));
  for (int i = 0; i < 3; ++i) {
    auto evidence = failure("user" + std::to_string(i / 2) + "@b.example", kNow - Duration{100 - i});
    evidence.category = "blocked";
    evidence.text = "blocked " + std::to_string(i);
    must(ledger.add_evidence(evidence));
  }
  must(ledger.add_evidence(failure("dead@b.example")));
  must(ledger.commit());
  EXPECT_EQ(shell_.ask("SELECT day, provider, category, failures, addresses, text FROM v_blocked"),
            "2026-11-01|example.com|blocked|3|2|blocked 2");
}

TEST_F(EntriesTest, a_sound_file_passes_the_integrity_check_and_a_damaged_one_does_not) {
  for (int i = 0; i < 300; ++i)
    put(database_, {entry("user" + std::to_string(i) + "@example.com", Kind::hard)});
  EXPECT_TRUE(Admin(database_).check());
  shell_.run("PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path_)) - 4096);
  file << std::string(4096, '\xee');
  file.close();
  auto again = Admin::open(path_);
  ASSERT_TRUE(again) << again.error().message;
  const Status checked = again->check();
  ASSERT_FALSE(checked);
  EXPECT_TRUE(has(checked.error().message, ".recover")) << checked.error().message;
}

}  // namespace
}  // namespace suppressd::test
