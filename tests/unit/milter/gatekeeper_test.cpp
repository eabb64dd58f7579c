#include "suppressd/milter/gatekeeper.h"

#include <gtest/gtest.h>

#include "list_lookup.h"

namespace suppressd {
namespace {

const Time kNow = from_unix(1795219200);

class GatekeeperTest : public testing::Test {
 protected:
  Ruling rule(const std::string& recipient, GatekeeperSettings settings = {}) {
    return (*Gatekeeper::make(std::move(settings), lookup_))->rule(envelope_, recipient, kNow);
  }

  std::string problem_with(GatekeeperSettings settings) {
    const auto made = Gatekeeper::make(std::move(settings), lookup_);
    return made ? std::string() : made.error().message;
  }

  ListLookup lookup_;
  Envelope envelope_{.sender = "News@Sender.example", .sasl_user = "shop", .client_ip = "192.0.2.7"};
};

TEST_F(GatekeeperTest, only_a_hard_entry_is_called_a_dead_mailbox) {
  const Ruling hard = rule("dead@x.example");
  EXPECT_EQ(hard.kind, Ruling::Kind::refuse);
  EXPECT_EQ(hard.code, 550);
  EXPECT_EQ(hard.status, "5.1.1");
  EXPECT_TRUE(hard.text.starts_with("recipient suppressed: bad-mailbox since 2026-11-01, ref ")) << hard.text;
  for (const auto kind : {SuppressionKind::complaint, SuppressionKind::unsubscribe, SuppressionKind::manual,
                          SuppressionKind::soft}) {
    lookup_.add("other@x.example", kind, "word");
    const Ruling other = rule("other@x.example");
    EXPECT_EQ(other.kind, Ruling::Kind::refuse);
    EXPECT_EQ(other.code, 550);
    EXPECT_EQ(other.status, "5.7.1") << name_of(kind);
  }
}

TEST_F(GatekeeperTest, an_entry_for_one_sender_domain_refuses_no_other_mail) {
  lookup_.add("anna@x.example", SuppressionKind::unsubscribe, "unsubscribe", "sender.example");
  const Ruling ruling = rule("anna@x.example");
  EXPECT_EQ(ruling.kind, Ruling::Kind::refuse);
  EXPECT_EQ(ruling.status, "5.7.1");
  EXPECT_TRUE(ruling.text.ends_with(" (mail from sender.example)")) << ruling.text;
  envelope_.sender = "bounce@mail.sender.example";
  EXPECT_EQ(rule("anna@x.example").kind, Ruling::Kind::refuse);
  for (const auto* sender : {"news@other.example", "news@sender.example.org", "postmaster"}) {
    envelope_.sender = sender;
    EXPECT_FALSE(rule("anna@x.example").suppressed) << sender;
  }
  envelope_.sender.clear();
  envelope_.null_sender = true;
  EXPECT_FALSE(rule("anna@x.example").suppressed) << "a bounce is mail of no sender domain";
}

TEST_F(GatekeeperTest, a_tagged_address_of_a_suppressed_one_does_not_pass) {
  const Ruling tagged = rule("Dead+Offers@x.example", {.recipient_delimiter = "+"});
  EXPECT_EQ(tagged.kind, Ruling::Kind::refuse);
  EXPECT_EQ(tagged.note.address, "dead+offers@x.example");
  EXPECT_EQ(rule("dead+offers@x.example").kind, Ruling::Kind::pass);
  lookup_.add("anna+tag@x.example", SuppressionKind::hard, "bad-mailbox");
  EXPECT_EQ(rule("anna@x.example", {.recipient_delimiter = "+"}).kind, Ruling::Kind::pass);
}

TEST_F(GatekeeperTest, the_note_says_who_when_from_whom_and_why) {
  const Refusal note = rule("<Dead@X.example>").note;
  EXPECT_EQ(note.at, kNow);
  EXPECT_EQ(note.address, "dead@x.example");
  EXPECT_EQ(note.sender, "News@Sender.example");
  EXPECT_EQ(note.client, "192.0.2.7");
  EXPECT_EQ(note.kind, "hard");
  EXPECT_EQ(note.category, "bad-mailbox");
  EXPECT_NE(rule("dead@x.example").text.find("ref " + note.ref), std::string::npos);
  envelope_.client_ip.clear();
  EXPECT_EQ(rule("dead@x.example").note.client, "local");
}

TEST_F(GatekeeperTest, nothing_hostile_gets_into_note_or_reply) {
  envelope_.sender = "a\r\nb\x01@x";
  lookup_.add("odd@x.example", SuppressionKind::manual, "caf\xc3\xa9\r\n250 ok\x07" + std::string(2000, 'x'));
  const Ruling ruling = rule("odd@x.example");
  EXPECT_EQ(ruling.note.sender, "a  b @x");
  EXPECT_LE(ruling.text.size(), 900u);
  for (const char c : ruling.text) ASSERT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
}

TEST_F(GatekeeperTest, an_address_that_cannot_be_read_passes) {
  for (const char* text : {"", "<>", "dead", "@x.example", "dead@", "a b@@", "<dead@x.example"}) {
    EXPECT_EQ(rule(text, {.on_error = OnError::tempfail}).kind, Ruling::Kind::pass) << text;
  }
}

TEST_F(GatekeeperTest, monitor_mode_refuses_no_one_and_notes_all) {
  const Ruling ruling = rule("dead@x.example", {.mode = Mode::monitor});
  EXPECT_EQ(ruling.kind, Ruling::Kind::pass);
  EXPECT_TRUE(ruling.suppressed);
  EXPECT_FALSE(ruling.bypassed);
  EXPECT_EQ(ruling.note.address, "dead@x.example");
}

TEST_F(GatekeeperTest, while_enforcement_is_off_no_one_is_refused_and_all_are_noted) {
  lookup_.enforced = false;
  const Ruling ruling = rule("dead@x.example");
  EXPECT_EQ(ruling.kind, Ruling::Kind::pass);
  EXPECT_TRUE(ruling.suppressed);
  EXPECT_FALSE(ruling.bypassed);
  EXPECT_EQ(ruling.note.address, "dead@x.example");
  lookup_.enforced = true;
  EXPECT_EQ(rule("dead@x.example").kind, Ruling::Kind::refuse);
}

TEST_F(GatekeeperTest, each_bypass_lets_its_own_mail_pass) {
  const GatekeeperSettings bypasses[] = {
      {.bypass_senders = {"news@sender.example"}},
      {.bypass_senders = {"@Sender.Example"}},
      {.bypass_senders = {"@.Example"}},
      {.bypass_sasl_users = {"shop"}},
      {.bypass_networks = {"2001:db8::/32", "192.0.2.0/24"}},
  };
  for (const auto& settings : bypasses) {
    const Ruling ruling = rule("dead@x.example", settings);
    EXPECT_EQ(ruling.kind, Ruling::Kind::pass);
    EXPECT_TRUE(ruling.suppressed);
    EXPECT_TRUE(ruling.bypassed);
  }
}

TEST_F(GatekeeperTest, no_bypass_lets_other_mail_pass) {
  const GatekeeperSettings others[] = {
      {.bypass_senders = {"other@sender.example", "@mail.sender.example", "@example", "@.sender.example"}},
      {.bypass_sasl_users = {"Shop", "sho", "shop2"}},
      {.bypass_networks = {"192.0.3.0/24", "::/0"}},
  };
  for (const auto& settings : others) EXPECT_EQ(rule("dead@x.example", settings).kind, Ruling::Kind::refuse);

  envelope_ = {.sender = "@sender.example", .sasl_user = "", .client_ip = "unknown"};
  EXPECT_EQ(
      rule("dead@x.example", {.bypass_senders = {"@sender.example"}, .bypass_networks = {"0.0.0.0/0"}}).kind,
      Ruling::Kind::refuse);
}

TEST_F(GatekeeperTest, bounces_pass) {
  envelope_.sender.clear();
  envelope_.null_sender = true;
  const Ruling ruling = rule("dead@x.example");
  EXPECT_EQ(ruling.kind, Ruling::Kind::pass);
  EXPECT_TRUE(ruling.bypassed);
}

TEST_F(GatekeeperTest, an_error_passes_or_defers_as_configured_and_is_never_a_refusal) {
  const Ruling passed = rule("locked@x.example");
  EXPECT_EQ(passed.kind, Ruling::Kind::pass);
  EXPECT_EQ(passed.error, "database is locked");
  const Ruling deferred = rule("locked@x.example", {.on_error = OnError::tempfail});
  EXPECT_EQ(deferred.kind, Ruling::Kind::tempfail);
  EXPECT_EQ(deferred.code, 451);
  EXPECT_EQ(deferred.status, "4.3.0");
  EXPECT_FALSE(is_our_refusal(deferred.text));
}

TEST_F(GatekeeperTest, an_error_defers_no_mail_that_is_never_refused) {
  EXPECT_EQ(rule("locked@x.example", {.mode = Mode::monitor, .on_error = OnError::tempfail}).kind,
            Ruling::Kind::pass);
  EXPECT_EQ(rule("locked@x.example", {.on_error = OnError::tempfail, .bypass_sasl_users = {"shop"}}).kind,
            Ruling::Kind::pass);
  envelope_.null_sender = true;
  EXPECT_EQ(rule("locked@x.example", {.on_error = OnError::tempfail}).kind, Ruling::Kind::pass);
}

TEST_F(GatekeeperTest, a_bypass_entry_that_cannot_be_read_is_named) {
  EXPECT_NE(problem_with({.bypass_senders = {"ok@x.example", "no address"}}).find("milter.bypass_senders: "),
            std::string::npos);
  EXPECT_NE(problem_with({.bypass_senders = {"no address"}}).find("no address"), std::string::npos);
  EXPECT_NE(problem_with({.bypass_sasl_users = {""}}).find("milter.bypass_sasl_users: "), std::string::npos);
  EXPECT_NE(
      problem_with({.bypass_networks = {"192.0.2.1/24"}}).find("milter.bypass_networks: `192.0.2.1/24`"),
      std::string::npos);
}

}  // namespace
}  // namespace suppressd
