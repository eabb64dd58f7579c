#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class Show : public CtlTest {};

TEST_F(Show, says_why_in_the_servers_words_and_what_to_do) {
  ctl({"replay", write("mail.log",
                       postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "dead@example.com", kDead))});
  const auto ran = ctl({"show", "dead@example.com"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const char* part :
       {"dead@example.com is refused", "550 5.1.1 recipient suppressed: bad-mailbox since 2026-11-01",
        "suppressctl lift dead@example.com", "550 5.1.1 User unknown", "queue id AAAAAA1", "streak: none",
        "last delivery: none known", "History"}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << " is not in:\n" << ran.out;
  }
}

TEST_F(Show, shows_a_running_streak_and_a_delivery) {
  ctl({"replay",
       write("mail.log",
             postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "full@example.com", kSent) +
                 postfix_message("2026-11-02T10:00:00+00:00", "AAAAAA2", "full@example.com", kFull))});
  const auto ran = ctl({"show", "full@example.com"});
  EXPECT_NE(ran.out.find("full@example.com is accepted"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("streak: 1 failed send in a row since 2026-11-02T10:00:00Z"), std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("last delivery: 2026-11-01T10:00:00Z"), std::string::npos) << ran.out;
}

TEST_F(Show, shows_mail_that_the_mta_is_still_trying) {
  const std::string head = "2026-11-01T10:00:00+00:00 mta postfix/";
  ctl({"replay",
       write("mail.log",
             head + "qmgr[11]: AAAAAA1: from=<app@example.test>, size=300, nrcpt=1 (queue active)\n" + head +
                 "smtp[12]: AAAAAA1: to=<busy@example.com>, relay=mx.example.net[192.0.2.1]:25, delay=1, "
                 "dsn=4.2.2, "
                 "status=deferred (host mx.example.net[192.0.2.1] said: 452 4.2.2 Mailbox full)\n")});
  const auto ran = ctl({"show", "busy@example.com"});
  EXPECT_NE(ran.out.find("1 failed attempt since 2026-11-01T10:00:00Z"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("452 4.2.2 Mailbox full"), std::string::npos) << ran.out;
}

TEST_F(Show, a_message_that_may_have_been_deleted_is_not_called_on_its_way) {
  const std::string head = "2026-11-01T10:00:00+00:00 mta postfix/";
  ctl({"replay",
       write("mail.log",
             head + "qmgr[11]: AAAAAA1: from=<app@example.test>, size=300, nrcpt=1 (queue active)\n" + head +
                 "smtp[12]: AAAAAA1: to=<busy@example.com>, relay=mx.example.net[192.0.2.1]:25, delay=1, "
                 "dsn=4.2.2, "
                 "status=deferred (host mx.example.net[192.0.2.1] said: 452 4.2.2 Mailbox full)\n")});
  const auto before = ctl({"show", "busy@example.com"}).out;
  EXPECT_EQ(before.find("way"), std::string::npos) << before;
  EXPECT_NE(before.find("Deferred, and perhaps still queued"), std::string::npos) << before;
  EXPECT_NE(before.find("is shown for 14d after its last one"), std::string::npos) << before;
  ctl({"replay",
       write("more.log", "2026-11-01T10:10:00+00:00 mta postfix/postsuper[13]: AAAAAA1: removed\n")});
  const auto after = ctl({"show", "busy@example.com"}).out;
  EXPECT_EQ(after.find("queued"), std::string::npos) << after;
}

TEST_F(Show, a_suspended_entry_is_not_shown_as_any_other) {
  ctl({"replay",
       write("mail.log",
             postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "dead@example.com", kDead) +
                 postfix_message("2026-11-02T10:00:00+00:00", "AAAAAA2", "dead@example.com", kSent))});
  const std::string words = "a message was delivered";
  const auto shown = ctl({"show", "dead@example.com"}).out;
  EXPECT_NE(shown.find("dead@example.com is accepted"), std::string::npos) << shown;
  EXPECT_NE(shown.find("suspended: kind hard, category bad-mailbox\n    since 2026-11-01T10:00:00Z"),
            std::string::npos)
      << shown;
  EXPECT_NE(shown.find(words + " after this failure"), std::string::npos) << shown;
  EXPECT_NE(shown.find("last delivery: 2026-11-02T10:00:00Z"), std::string::npos) << shown;
  const auto checked = ctl({"check", "dead@example.com"});
  EXPECT_EQ(checked.status, 0);
  EXPECT_NE(checked.out.find("suspended (kind hard, category bad-mailbox since 2026-11-01T10:00:00Z"),
            std::string::npos)
      << checked.out;
  EXPECT_NE(checked.out.find(words + " since"), std::string::npos) << checked.out;
  EXPECT_EQ(ctl({"list"}).out.find("dead@example.com"), std::string::npos);
  const auto entry = ctl({"--json", "show", "dead@example.com"}).objects().at(0)["entries"].at(0);
  EXPECT_EQ(entry["state"], "suspended");
  EXPECT_TRUE(entry["until"].is_null());
  EXPECT_TRUE(ctl({"--json", "check", "dead@example.com"}).objects().at(0)["entry"].is_null());
}

TEST_F(Show, a_delivery_of_the_failures_second_comes_after_it) {
  ctl({"replay",
       write("mail.log",
             postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA2", "dead@example.com", kSent) +
                 postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "dead@example.com", kDead))});
  EXPECT_FALSE(is_refused("dead@example.com"));
  EXPECT_NE(ctl({"show", "dead@example.com"}).out.find("last delivery: 2026-11-01T10:00:00Z"),
            std::string::npos);
}

TEST_F(Show, a_delivery_that_is_not_recorded_is_not_left_unexplained) {
  ctl({"exempt", "add", "exempt@example.com"});
  sql("UPDATE exemption SET since = unixepoch('2026-11-01')");
  ctl({"replay",
       write("mail.log",
             postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "dead@example.com", kDead) +
                 postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA2", "exempt@example.com", kSent))});
  const auto dead = ctl({"show", "dead@example.com"}).out;
  EXPECT_NE(
      dead.find("last delivery: none known\n    (mail that a host of mta.relays or mta.local_relays accepted "
                "is not a delivery)"),
      std::string::npos)
      << dead;
  const auto exempt = ctl({"show", "exempt@example.com"}).out;
  EXPECT_NE(exempt.find("last delivery: none known\n    (deliveries to an exempt address are not recorded)"),
            std::string::npos)
      << exempt;
}

TEST_F(Show, json_has_entries_evidence_and_audit) {
  ctl({"replay", write("mail.log",
                       postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "dead@example.com", kDead))});
  const auto story = ctl({"--json", "show", "dead@example.com"}).objects().at(0);
  EXPECT_EQ(story["suppressed"], true);
  EXPECT_EQ(story["entries"].at(0)["kind"], "hard");
  EXPECT_EQ(story["entries"].at(0)["state"], "active");
  EXPECT_EQ(story["evidence"].at(0)["queue_id"], "AAAAAA1");
  EXPECT_EQ(story["evidence"].at(0)["code"], 550);
  EXPECT_TRUE(story["evidence"].at(0)["campaign"].is_null());
  EXPECT_EQ(story["audit"].at(0)["act"], "suppressed");
  sql("UPDATE evidence SET campaign = 'summer', source = 'fair', account = 'shop', contact = 'c7'");
  const auto evidence = ctl({"--json", "show", "dead@example.com"}).objects().at(0)["evidence"].at(0);
  EXPECT_EQ(evidence["campaign"], "summer");
  EXPECT_EQ(evidence["source"], "fair");
  EXPECT_EQ(evidence["account"], "shop");
  EXPECT_EQ(evidence["contact"], "c7");
}

TEST_F(Show, an_unknown_address_is_said_to_be_unknown) {
  ctl({"add", "a@b.example"});
  const auto ran = ctl({"show", "nobody@example.com"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.out.find("nothing is known"), std::string::npos) << ran.out;
}

TEST_F(Show, a_domain_and_its_addresses_name_the_entry_of_the_domain) {
  ctl({"add", "@example.com", "--note", "closed"});
  EXPECT_NE(ctl({"show", "@example.com"}).out.find("@example.com is refused"), std::string::npos);
  const auto member = ctl({"show", "any@example.com"}).out;
  EXPECT_NE(member.find("refused by the entry @example.com"), std::string::npos) << member;
  EXPECT_NE(member.find("note: closed"), std::string::npos) << member;
}

TEST_F(Show, monitor_mode_is_mentioned) {
  ctl({"add", "a@b.example"});
  EXPECT_NE(ctl({"show", "a@b.example", "--milter.mode", "monitor"}).out.find("milter.mode is monitor"),
            std::string::npos);
  const auto checked = ctl({"check", "a@b.example", "--milter.mode", "monitor"});
  EXPECT_EQ(checked.status, 1);
  EXPECT_NE(checked.out.find("milter.mode is monitor"), std::string::npos);
}

}  // namespace
}  // namespace suppressd::ctl
