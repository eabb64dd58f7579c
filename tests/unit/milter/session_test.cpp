#include "suppressd/milter/session.h"

#include <gtest/gtest.h>

#include "list_lookup.h"

namespace suppressd {
namespace {

using Kind = Answer::Kind;
const Time kNow = from_unix(1795219200);

class SessionTest : public testing::Test {
 protected:
  SessionTest() { use({}); }

  void use(GatekeeperSettings settings) {
    rules_.gatekeeper = *Gatekeeper::make(std::move(settings), lookup_);
  }
  void begin(const SenderStep& step) { session_->begin(std::make_shared<const SessionRules>(rules_), step); }
  void begin_non_smtp() {
    begin({.argument = "a@sender.example", .queue_id = "LOCAL1", .client_ip = "127.0.0.1"});
  }
  Answer non_smtp_rcpt(const std::string& address) {
    return session_->recipient({.argument = address, .address = address, .queue_id = "LOCAL1"}, kNow);
  }
  Answer end() {
    MessageEdit edit;
    edit.remove_recipient = [&](const std::string& argument) {
      removed_.push_back(argument);
      return removal_works_;
    };
    edit.add_header = [&](const std::string& name, const std::string& value) {
      headers_.emplace_back(name, value);
      return true;
    };
    return session_->end("LOCAL1", edit, kNow);
  }
  std::vector<Refusal> notes() {
    std::uint64_t dropped = 0;
    return refusals_.take(dropped);
  }

  ListLookup lookup_;
  SessionRules rules_;
  RefusalQueue refusals_{100000};
  MailQueue mails_{2};
  ProbeClaims probes_{2};
  TagQueue tags_{2};
  FilterCounters counters_;
  std::vector<std::string> reports_;
  Reporter reporter_{[this](Severity, const std::string& line) { reports_.push_back(line); }};
  std::unique_ptr<Session> session_ =
      std::make_unique<Session>(SessionContext{refusals_, mails_, probes_, tags_, counters_, reporter_});
  std::vector<std::string> removed_;
  std::vector<std::pair<std::string, std::string>> headers_;
  bool removal_works_ = true;
};

TEST_F(SessionTest, sendmails_mail_is_smtp_mail_although_it_has_an_id_at_once) {
  begin({.argument = "<a@sender.example>", .queue_id = "5ALNw001", .client_ip = "192.0.2.7"});
  EXPECT_EQ(
      session_
          ->recipient({.argument = "dead@x.example", .address = "dead@x.example", .mailer = "esmtp"}, kNow)
          .kind,
      Kind::refuse);
  EXPECT_EQ(session_->recipient({.argument = "<dead@x.example>"}, kNow).kind, Kind::refuse);
  const auto noted = notes();
  ASSERT_EQ(noted.size(), 2u);
  EXPECT_EQ(noted[0].queue_id, "5ALNw001");
  EXPECT_EQ(noted[0].client, "192.0.2.7");
}

TEST_F(SessionTest, smtp_mail_without_macros_is_not_treated_as_non_smtp_mail) {
  begin({.argument = "a@sender.example"});
  EXPECT_EQ(session_->recipient({.argument = "dead@x.example"}, kNow).kind, Kind::refuse);
}

TEST_F(SessionTest, a_recipient_that_the_mta_keeps_is_not_noted_as_removed) {
  begin_non_smtp();
  non_smtp_rcpt("dead@x.example");
  non_smtp_rcpt("good@x.example");
  EXPECT_EQ(session_->data("LOCAL1").kind, Kind::proceed);
  removal_works_ = false;
  EXPECT_EQ(end().kind, Kind::accept);
  EXPECT_EQ(removed_, std::vector<std::string>{"dead@x.example"});
  EXPECT_TRUE(notes().empty());
}

TEST_F(SessionTest, a_refusal_has_the_tags_that_are_known_by_then_and_none_of_the_message_before) {
  rules_.tags = {.campaign = *tag_source_from("header:X-Campaign"), .account = *tag_source_from("sasl")};
  begin(
      {.argument = "a@sender.example", .queue_id = "LOCAL1", .sasl_user = "shop", .client_ip = "127.0.0.1"});
  non_smtp_rcpt("dead@x.example");
  non_smtp_rcpt("good@x.example");
  session_->header("X-Campaign", "summer");
  EXPECT_EQ(end().kind, Kind::accept);
  begin({.argument = "<a@sender.example>", .sasl_user = "shop", .client_ip = "192.0.2.7"});
  EXPECT_EQ(
      session_
          ->recipient({.argument = "dead@x.example", .address = "dead@x.example", .mailer = "esmtp"}, kNow)
          .kind,
      Kind::refuse);
  session_->finish();
  const auto noted = notes();
  ASSERT_EQ(noted.size(), 2u);
  EXPECT_EQ(noted[0].tags, (Tags{.campaign = "summer", .account = "shop"}));
  EXPECT_EQ(noted[1].tags, Tags{.account = "shop"});
}

TEST_F(SessionTest, one_answer_for_several_recipients_says_dead_only_if_all_are) {
  begin_non_smtp();
  non_smtp_rcpt("dead@x.example");
  non_smtp_rcpt("gone@x.example");
  Answer answer = session_->data("LOCAL1");
  EXPECT_EQ(answer.kind, Kind::refuse);
  EXPECT_EQ(answer.status, "5.1.1");
  EXPECT_TRUE(answer.text.ends_with(" (and 1 more)")) << answer.text;
  EXPECT_TRUE(is_our_refusal(answer.text));
  EXPECT_EQ(notes().size(), 2u);

  begin_non_smtp();
  non_smtp_rcpt("dead@x.example");
  non_smtp_rcpt("full@x.example");
  EXPECT_EQ(session_->data("LOCAL1").status, "5.7.1");
}

TEST_F(SessionTest, non_smtp_mail_that_is_aborted_notes_no_refusal) {
  begin_non_smtp();
  non_smtp_rcpt("dead@x.example");
  session_->finish();
  begin_non_smtp();
  non_smtp_rcpt("good@x.example");
  EXPECT_EQ(session_->data("LOCAL1").kind, Kind::accept) << "nothing is left of the message before";
  EXPECT_TRUE(notes().empty());
}

TEST_F(SessionTest,
       non_smtp_mail_to_more_suppressed_recipients_than_are_remembered_is_still_refused_when_no_one_is_left) {
  begin_non_smtp();
  for (int i = 0; i < 10500; ++i) ASSERT_EQ(non_smtp_rcpt("dead@x.example").kind, Kind::proceed);
  EXPECT_EQ(session_->data("LOCAL1").kind, Kind::refuse);
  EXPECT_EQ(notes().size(), 10000u);
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_NE(reports_[0].find("more than 10000 suppressed recipients"), std::string::npos);
}

TEST_F(SessionTest, notes_that_wait_for_a_queue_id_are_bounded_and_none_is_lost) {
  begin({.argument = "<a@sender.example>"});
  for (int i = 0; i < 1500; ++i)
    session_->recipient({.argument = "<dead@x.example>", .mailer = "smtp"}, kNow);
  EXPECT_EQ(notes().size(), 500u);
  session_->recipient({.argument = "<good@x.example>", .mailer = "smtp", .queue_id = "LATE1"}, kNow);
  const auto rest = notes();
  ASSERT_EQ(rest.size(), 1000u);
  EXPECT_EQ(rest.front().queue_id, "LATE1");
}

TEST_F(SessionTest, a_session_that_ends_leaves_its_notes) {
  begin({.argument = "<a@sender.example>"});
  session_->recipient({.argument = "<dead@x.example>", .mailer = "smtp"}, kNow);
  EXPECT_TRUE(notes().empty());
  session_.reset();
  EXPECT_EQ(notes().size(), 1u);
}

TEST_F(SessionTest, a_full_queue_of_notes_changes_no_answer) {
  RefusalQueue full(0);
  Session session(SessionContext{full, mails_, probes_, tags_, counters_, reporter_});
  session.begin(std::make_shared<const SessionRules>(rules_),
                {.argument = "<a@sender.example>", .queue_id = "FULL1"});
  EXPECT_EQ(session.recipient({.argument = "<dead@x.example>", .mailer = "smtp"}, kNow).kind, Kind::refuse);
  std::uint64_t dropped = 0;
  EXPECT_TRUE(full.take(dropped).empty());
  EXPECT_EQ(dropped, 1u);
}

TEST_F(SessionTest, every_action_is_counted) {
  begin({.argument = "<a@sender.example>"});
  for (const char* address : {"<good@x.example>", "<dead@x.example>", "<locked@x.example>"}) {
    session_->recipient({.argument = address, .mailer = "smtp"}, kNow);
  }
  begin({.argument = "<>"});
  session_->recipient({.argument = "<dead@x.example>", .mailer = "smtp"}, kNow);
  use({.mode = Mode::monitor});
  begin({.argument = "<a@sender.example>"});
  session_->recipient({.argument = "<dead@x.example>", .mailer = "smtp"}, kNow);
  EXPECT_EQ(counters_.recipients, 5u);
  EXPECT_EQ(counters_.refused, 1u);
  EXPECT_EQ(counters_.bypassed, 1u);
  EXPECT_EQ(counters_.monitored, 1u);
  EXPECT_EQ(counters_.lookup_errors, 1u);
}

// As Sendmail sends them after its virtusertable or a CNAME.
RecipientStep two_names(std::string_view typed, std::string_view final_one) {
  return {.argument = typed, .address = final_one, .mailer = "esmtp", .queue_id = "5ALNw001"};
}

TEST_F(SessionTest, a_recipient_who_is_suppressed_under_either_name_is_refused) {
  begin({.argument = "<a@sender.example>", .queue_id = "5ALNw001"});
  EXPECT_EQ(session_->recipient(two_names("<dead@x.example>", "other@y.example"), kNow).kind, Kind::refuse);
  EXPECT_EQ(session_->recipient(two_names("<alias@y.example>", "dead@x.example"), kNow).kind, Kind::refuse);
  EXPECT_EQ(session_->recipient(two_names("<dead@x.example>", "gone@x.example"), kNow).kind, Kind::refuse);
  EXPECT_EQ(session_->recipient(two_names("<alias@y.example>", "other@y.example"), kNow).kind, Kind::proceed);
  const auto noted = notes();
  ASSERT_EQ(noted.size(), 3u);
  for (const auto i : {0u, 1u})
    EXPECT_EQ(noted[i].address, "dead@x.example") << "the name that is on the list";
}

TEST_F(SessionTest, a_recipient_who_is_exempt_under_either_name_is_not_refused) {
  lookup_.add_exemption("vip@y.example");
  lookup_.add_exemption("gone@x.example");
  begin({.argument = "<a@sender.example>", .queue_id = "5ALNw001"});
  EXPECT_EQ(session_->recipient(two_names("<vip@y.example>", "dead@x.example"), kNow).kind, Kind::proceed);
  EXPECT_EQ(session_->recipient(two_names("<dead@x.example>", "vip@y.example"), kNow).kind, Kind::proceed);
  EXPECT_EQ(session_->recipient(two_names("<gone@x.example>", "dead@x.example"), kNow).kind, Kind::proceed);
  EXPECT_EQ(session_->recipient(two_names("<dead@x.example>", "full@x.example"), kNow).kind, Kind::refuse);
  EXPECT_EQ(notes().size(), 1u);
}

TEST_F(SessionTest, a_second_name_that_cannot_be_looked_up_hides_no_suppression_and_fails_open) {
  begin({.argument = "<a@sender.example>", .queue_id = "5ALNw001"});
  EXPECT_EQ(session_->recipient(two_names("<locked@x.example>", "good@x.example"), kNow).kind, Kind::proceed);
  EXPECT_EQ(counters_.lookup_errors, 1u);
  EXPECT_EQ(session_->recipient(two_names("<locked@x.example>", "dead@x.example"), kNow).kind, Kind::refuse);
  EXPECT_EQ(session_->recipient(two_names("<dead@x.example>", "unsure@x.example"), kNow).kind, Kind::proceed);
  EXPECT_EQ(counters_.lookup_errors, 2u);
}

TEST_F(SessionTest, an_address_that_cannot_be_read_hides_no_other_name) {
  begin({.argument = "<a@sender.example>", .queue_id = "5ALNw001"});
  EXPECT_EQ(session_->recipient(two_names("<dead@x.example>", "@"), kNow).kind, Kind::refuse);
  EXPECT_EQ(session_->recipient(two_names("<dead@x.example>", "team"), kNow).kind, Kind::refuse);
  EXPECT_EQ(session_->recipient(two_names("postmaster", "dead@x.example"), kNow).kind, Kind::refuse);
}

TEST_F(SessionTest, one_name_in_two_spellings_is_looked_up_once) {
  begin({.argument = "<a@sender.example>", .queue_id = "5ALNw001"});
  for (const auto* typed : {"<good@x.example>", "<Good@X.EXAMPLE>", "good@x.example", "<good@x.example.>",
                            "<\"good\"@x.example>"}) {
    lookup_.questions = 0;
    session_->recipient(two_names(typed, "good@x.example"), kNow);
    EXPECT_EQ(lookup_.questions, 1) << typed;
  }
}

class TracingSession : public SessionTest {
 protected:
  TracingSession() {
    TraceKeys keys;
    keys.add(std::string(32, 'k'), kNow);
    rules_.trace_keys = std::make_shared<const TraceKeys>(keys);
    rules_.inbound_daemons = {"inbound"};
  }
  Result<Trace> trace() {
    return rules_.trace_keys->verify(headers_.at(0).second, kNow, std::chrono::hours(1));
  }
  std::vector<CollectedMail> mails() {
    std::uint64_t dropped = 0;
    return mails_.take(dropped);
  }
  void inbound(const std::string& sender) { begin({.argument = sender, .daemon = "inbound"}); }
};

TEST_F(TracingSession, the_trace_names_who_was_let_through_and_no_one_else) {
  begin({.argument = "<a@sender.example>", .queue_id = "4XQ1"});
  session_->recipient({.argument = "<Good@X.example>", .address = "good@x.example", .mailer = "smtp"}, kNow);
  session_->recipient({.argument = "<dead@x.example>", .address = "dead@x.example", .mailer = "smtp"}, kNow);
  EXPECT_EQ(session_->data("4XQ1").kind, Kind::proceed);
  EXPECT_EQ(end().kind, Kind::accept);
  ASSERT_EQ(headers_.size(), 1u);
  EXPECT_EQ(headers_[0].first, "Suppressd-Trace");
  const auto found = trace();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->queue_id, "LOCAL1");
  EXPECT_EQ(found->sender, "a@sender.example");
  EXPECT_TRUE(found->names("good@x.example"));
  EXPECT_FALSE(found->names("dead@x.example"));
}

TEST_F(TracingSession, the_trace_of_a_recipient_with_two_names_knows_both_and_belongs_only_to_it) {
  begin({.argument = "<a@sender.example>", .queue_id = "5ALNw001"});
  session_->recipient(two_names("<Alias@y.example>", "final@x.example"), kNow);
  EXPECT_EQ(session_->data("5ALNw001").kind, Kind::proceed);
  EXPECT_EQ(end().kind, Kind::accept);
  const auto found = trace();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->names("final@x.example"));
  EXPECT_TRUE(found->names("alias@y.example"));
  EXPECT_EQ(found->count, 1u);
  EXPECT_EQ(found->sole_recipient, "final@x.example");
}

TEST_F(TracingSession, a_bounce_gets_no_trace) {
  begin({.argument = "<>", .queue_id = "4XQ1"});
  session_->recipient({.argument = "<good@x.example>", .address = "good@x.example", .mailer = "smtp"}, kNow);
  EXPECT_EQ(session_->data("4XQ1").kind, Kind::accept);
  EXPECT_TRUE(headers_.empty());
}

TEST_F(TracingSession, no_one_is_refused_where_mail_arrives_from_outside) {
  inbound("<>");
  EXPECT_EQ(
      session_
          ->recipient({.argument = "<dead@x.example>", .address = "dead@x.example", .mailer = "smtp"}, kNow)
          .kind,
      Kind::proceed);
  EXPECT_TRUE(notes().empty());
}

TEST_F(TracingSession, an_incoming_bounce_is_kept) {
  inbound("<>");
  session_->data("4XQ1");
  session_->header("Subject", "Undelivered");
  session_->header("X-Folded", "one\n\ttwo");
  EXPECT_EQ(session_->headers_end().kind, Kind::proceed);
  EXPECT_EQ(session_->body("sorry\r\n").kind, Kind::proceed);
  EXPECT_EQ(end().kind, Kind::accept);
  const auto kept = mails();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].text, "Return-Path: <>\nSubject: Undelivered\nX-Folded: one\n\ttwo\n\nsorry\r\n");
  EXPECT_TRUE(headers_.empty());
}

TEST_F(TracingSession, a_complaint_has_a_sender_and_is_kept) {
  inbound("<complaints@provider.example>");
  session_->data("4XQ1");
  session_->header("Content-Type", "multipart/report; report-type=feedback-report; boundary=x");
  EXPECT_EQ(session_->headers_end().kind, Kind::proceed);
  end();
  const auto kept = mails();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].text.substr(0, kept[0].text.find('\n')), "Return-Path: <complaints@provider.example>");
}

TEST_F(TracingSession, ordinary_incoming_mail_is_accepted_after_its_header) {
  inbound("<friend@x.example>");
  session_->data("4XQ1");
  session_->header("Content-Type", "text/plain");
  EXPECT_EQ(session_->headers_end().kind, Kind::accept);
  EXPECT_TRUE(mails().empty());
}

TEST_F(TracingSession, a_huge_mail_is_cut) {
  inbound("<>");
  session_->headers_end();
  const std::string piece(65536, 'x');
  Answer answer;
  for (int i = 0; i < 20; ++i) answer = session_->body(piece);
  EXPECT_EQ(answer.kind, Kind::skip);
  end();
  EXPECT_EQ(mails().at(0).text.size(), kCollectedBytes);
}

TEST_F(TracingSession, a_full_queue_costs_no_mail) {
  for (int i = 0; i < 3; ++i) {
    inbound("<>");
    session_->headers_end();
    EXPECT_EQ(end().kind, Kind::accept);
  }
  EXPECT_EQ(mails().size(), 2u);
  EXPECT_EQ(reports_.size(), 1u);
}

}  // namespace
}  // namespace suppressd
