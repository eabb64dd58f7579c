#include "suppressd/report/reader.h"

#include "learner_fixture.h"

namespace suppressd {
namespace {

using std::chrono::hours;

const Time kSent = from_unix(1'790'000'000);

class ReportLearningTest : public LearnerTest {
 protected:
  void SetUp() override {
    if (!reports_built_in()) GTEST_SKIP() << "built without reports";
    LearnerTest::SetUp();
    keys_.add(std::string(32, 'k'), kSent);
  }

  std::string trace(const std::vector<std::string>& recipients, const std::string& id = "4XQ0001",
                    Duration after = Duration{0}) const {
    return "Suppressd-Trace: " + keys_.sign({id, kSent + after, "news@x.example", recipients}) + "\n";
  }

  /// An RFC 3464 report about a message with this header.
  static std::string dsn(const std::string& recipient, const std::string& returned,
                         const std::string& status = "5.1.1",
                         const std::string& words = "550 5.1.1 User unknown",
                         const std::string& action = "failed") {
    return "From: MAILER-DAEMON@mx.b.example\nTo: news@x.example\nSubject: Undelivered\nMIME-Version: 1.0\n"
           "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: "
           "text/plain\n\nSorry.\n"
           "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "
           "mx.b.example\n\nFinal-Recipient: rfc822; " +
           recipient + "\nAction: " + action + "\nStatus: " + status + "\nDiagnostic-Code: smtp; " + words +
           "\n\n--b\nContent-Type: text/rfc822-headers\n\n" + returned +
           "From: news@x.example\nSubject: News\n\n--b--\n";
  }
  static std::string complaint(const std::string& fields, const std::string& returned,
                               const std::string& type = "abuse") {
    return "From: fbl@provider.example\nTo: abuse@x.example\nSubject: complaint\nMIME-Version: 1.0\n"
           "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: "
           "text/plain\n\nA complaint.\n"
           "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: " +
           type + "\nUser-Agent: x/1\nVersion: 1\n" + fields + "\n--b\nContent-Type: message/rfc822\n\n" +
           returned + "From: news@x.example\nSubject: News\n\nHello\n--b--\n";
  }

  std::vector<ReportFinding> mail(const std::string& text, Duration after = hours(1)) {
    auto findings = learner->learn(CollectedMail{kSent + after, text}, keys_);
    EXPECT_TRUE(findings) << findings.error().message;
    return findings ? *findings : std::vector<ReportFinding>{};
  }
  ReportFinding::Fate fate(const std::string& text, Duration after = hours(1)) {
    const auto findings = mail(text, after);
    EXPECT_EQ(findings.size(), 1u);
    return findings.at(0).fate;
  }
  std::string entries() {
    return query(
        "SELECT address || ' ' || kind FROM suppression WHERE until IS NULL OR until > since ORDER BY 1");
  }

  static std::string time_of(Duration after) {
    auto text = format_time(kSent + after);
    text.pop_back();
    return text + "+00:00";
  }
  void delivery(const std::string& id, Duration after, const std::string& address = "a@b.example") {
    learn(time_of(after), message(id, "news@x.example",
                                  "smtp[1]: " + id + ": to=<" + address +
                                      ">, relay=mx.b.example[198.51.100.1]:25, delay=0, "
                                      "delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)\n"));
  }
  /// One line; of smtp(8) if a status is given.
  void line(Duration after, const std::string& text) { learn(time_of(after), text + "\n"); }
  void attempt(const std::string& id, Duration after, Duration delay, const std::string& status) {
    line(after, "smtp[1]: " + id + ": to=<a@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=" +
                    std::to_string(delay.count()) + ", delays=0/0/0/0, dsn=" + status);
  }
  void fail_by_window(const std::string& id) {
    line(hours(0), "cleanup[1]: " + id + ": message-id=<" + id + "@x>");
    line(hours(0), "qmgr[1]: " + id + ": from=<news@x.example>, size=1, nrcpt=1 (queue active)");
    for (const int at : {0, 40, 80})
      attempt(id, hours(at), hours(at), "4.2.2, status=deferred (host mx.b.example said: 452 4.2.2 Full)");
    EXPECT_EQ(query("SELECT ended_by FROM evidence"), "window");
  }
  void full(const std::string& id, Duration after) {
    learn(time_of(after),
          message(id, "news@x.example", bounce(id, "a@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
  }

  TraceKeys keys_;
};

using Fate = ReportFinding::Fate;

// error(8) of Postfix, by conf/postfix-transport.cf.example, and other hosts that run this program.
TEST_F(ReportLearningTest, a_bounce_with_our_own_refusal_is_not_learned_from) {
  const auto text = dsn("a@b.example", trace({"a@b.example"}), "5.1.1",
                        "recipient suppressed: bad-mailbox since 2026-11-01, ref ABC123");
  EXPECT_EQ(fate(text), ReportFinding::Fate::no_lesson);
  EXPECT_EQ(entries(), "");
  EXPECT_EQ(query("SELECT count(*) FROM unproven"), "0");
}

TEST_F(ReportLearningTest, a_proven_bounce_suppresses) {
  EXPECT_EQ(fate(dsn("dead@b.example", trace({"dead@b.example"}))), Fate::learned);
  EXPECT_EQ(entries(), "dead@b.example hard");
  EXPECT_EQ(query("SELECT origin || queue_id || sender FROM evidence"), "report4XQ0001news@x.example");
}

TEST_F(ReportLearningTest, forged_reports_change_nothing_and_are_kept) {
  TraceKeys others;
  others.add(std::string(32, 'x'), kSent);
  EXPECT_EQ(fate(dsn("dead@b.example", "")), Fate::unproven);
  EXPECT_EQ(fate(dsn("dead@b.example",
                     "Suppressd-Trace: " + others.sign({"4X", kSent, "", {"dead@b.example"}}) + "\n")),
            Fate::unproven);
  EXPECT_EQ(fate(complaint("Original-Rcpt-To: dead@b.example\n", "")), Fate::unproven);
  EXPECT_EQ(entries(), "");
  EXPECT_EQ(query("SELECT count(*) FROM evidence"), "0");
  EXPECT_EQ(query("SELECT count(*) FROM recipient"), "0");
  EXPECT_EQ(query("SELECT what FROM unproven ORDER BY id"),
            "failed complaint");  // the same report is kept once
}

TEST_F(ReportLearningTest, forged_reports_in_any_number_take_bounded_space) {
  for (int i = 0; i < kUnprovenKept / 100 + 50; ++i) mail(dsn("v" + std::to_string(i) + "@b.example", ""));
  mail(dsn("same@b.example", ""));
  const auto before = query("SELECT count(*) FROM unproven");
  mail(dsn("same@b.example", ""));
  EXPECT_EQ(query("SELECT count(*) FROM unproven"), before);
  database->execute("UPDATE unproven SET id = id + 20000");
  mail(dsn("new@b.example", ""));
  EXPECT_LE(std::stoi(query("SELECT count(*) FROM unproven")), kUnprovenKept);
}

TEST_F(ReportLearningTest, a_report_about_a_member_never_suppresses_the_list) {
  EXPECT_EQ(fate(dsn("member@c.example", trace({"list@b.example"}))), Fate::unproven);
  EXPECT_EQ(entries(), "");
  EXPECT_EQ(query("SELECT address FROM unproven"), "member@c.example");
}

TEST_F(ReportLearningTest, the_same_report_counts_once) {
  const auto text = dsn("full@b.example", trace({"full@b.example"}), "5.2.2", "552 5.2.2 Mailbox full");
  EXPECT_EQ(fate(text), Fate::learned);
  EXPECT_EQ(fate(text, hours(30)), Fate::known);
  EXPECT_EQ(query("SELECT streak FROM recipient"), "1");
}

TEST_F(ReportLearningTest, a_send_that_the_log_called_failed_does_not_fail_again) {
  config.policy.min_interval = Duration{0};
  restart();
  full("4XQ0001", Duration{0});
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}), "5.2.2", "552 5.2.2 Mailbox full")), Fate::known);
  EXPECT_EQ(query("SELECT streak FROM recipient"), "1");
}

TEST_F(ReportLearningTest, warnings_and_successes_are_ignored) {
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}), "4.4.1", "connection timed out", "delayed")),
            Fate::no_lesson);
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}), "2.0.0", "250 ok", "delivered")),
            Fate::no_lesson);
  EXPECT_EQ(fate("From: a@b.example\nTo: news@x.example\nSubject: Hello\n\nHow are you? dead@b.example: User "
                 "unknown\n"),
            Fate::no_lesson);
  EXPECT_EQ(query("SELECT count(*) FROM evidence"), "0");
  EXPECT_EQ(query("SELECT count(*) FROM unproven"), "0");
}

TEST_F(ReportLearningTest, complaints_suppress_and_other_feedback_does_not) {
  EXPECT_EQ(fate(complaint("Original-Rcpt-To: a@b.example\n", trace({"a@b.example", "c@b.example"}))),
            Fate::learned);
  EXPECT_EQ(entries(), "a@b.example complaint");
  EXPECT_EQ(fate(complaint("Original-Rcpt-To: c@b.example\n", trace({"a@b.example", "c@b.example"}),
                           "auth-failure")),
            Fate::no_lesson);
  EXPECT_EQ(entries(), "a@b.example complaint");
}

TEST_F(ReportLearningTest, a_complaint_stops_mail_of_its_sender_only) {
  fate(complaint("Original-Rcpt-To: a@b.example\n", trace({"a@b.example"})));
  const std::string rows = "SELECT kind || ':' || scope FROM suppression";
  EXPECT_EQ(query(rows), "complaint:x.example");
  EXPECT_EQ(query("SELECT what || ':' || scope FROM evidence"), "complaint:x.example");
  EXPECT_EQ(query("SELECT act || ':' || kind || ':' || scope FROM audit"), "suppressed:complaint:x.example");
  const auto ref = query("SELECT ref FROM suppression");
  config.complaints_scoped = false;
  restart();
  fate(complaint("Original-Rcpt-To: a@b.example\n", trace({"a@b.example"})), hours(1));
  EXPECT_EQ(query(rows), "complaint:x.example") << "it keeps its scope if it is read again";
  fate(complaint("Original-Rcpt-To: a@b.example\n", trace({"a@b.example"}, "4XQ0002")), hours(2));
  EXPECT_EQ(query(rows), "complaint: complaint:x.example");
  EXPECT_EQ(query("SELECT ref FROM suppression WHERE scope <> ''"), ref);
  EXPECT_EQ(query("SELECT count(DISTINCT ref) FROM suppression"), "2");
}

TEST_F(ReportLearningTest, a_complaint_after_a_lift_of_its_scope_counts) {
  const auto complain = [&](const std::string& id, Duration after) {
    fate(complaint("Original-Rcpt-To: a@b.example\n", trace({"a@b.example"}, id)), after);
  };
  const std::string rows = "SELECT kind || ':' || scope || ':' || (until IS NULL) FROM suppression";
  complain("4XQ0001", hours(1));
  Hand hand{.now = kSent + hours(2), .actor = "root", .note = "asked"};
  decide([&](Decider& decider, Batch& open) {
    Suppression other;
    other.address = "a@b.example";
    other.kind = SuppressionKind::unsubscribe;
    other.category = "unsubscribe";
    other.scope = "other.example";
    EXPECT_TRUE(decider.add(open, other, hand));
    EXPECT_TRUE(decider.lift(open, "a@b.example", hand, {.kind = {}, .scope = "x.example"}));
  });
  EXPECT_EQ(query(rows), "unsubscribe:other.example:1");
  restart();
  complain("4XQ0002", hours(3));
  EXPECT_EQ(query(rows), "complaint:x.example:1 unsubscribe:other.example:1");
  Hand again{.now = kSent + hours(4), .actor = "root", .note = ""};
  decide([&](Decider& decider, Batch& open) { EXPECT_TRUE(decider.lift(open, "a@b.example", again)); });
  EXPECT_EQ(query(rows), "unsubscribe:other.example:0");
  decide([&](Decider& decider, Batch& open) { EXPECT_TRUE(decider.revert(open, again.number, again)); });
  EXPECT_EQ(query(rows), "complaint:x.example:1 unsubscribe:other.example:1");
}

// A complaint by hand beside a learned one, which is permanent.
class ComplaintByHandTest : public ReportLearningTest {
 protected:
  ComplaintByHandTest() { config.complaints_scoped = false; }

  void complain() {
    EXPECT_EQ(fate(complaint("Original-Rcpt-To: a@b.example\n", trace({"a@b.example"}))), Fate::learned);
  }
  Hand hand() const { return {.now = kSent + hours(48), .actor = "root", .note = "asked"}; }
  template <typename Act>
  auto by_hand(Act act) {
    Decider decider(config);
    auto changes = ledger->begin();
    EXPECT_TRUE(changes);
    EXPECT_TRUE(decider.begin(*ledger, *changes));
    auto done = act(decider, *changes);
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_TRUE(decider.end(*changes));
    EXPECT_TRUE(changes->commit());
    return std::move(*done);
  }
  void add(std::optional<Time> until) {
    Suppression entry;
    entry.address = "a@b.example";
    entry.kind = SuppressionKind::complaint;
    entry.category = "complaint";
    entry.until = until;
    by_hand([&](Decider& decider, Batch& changes) { return decider.add(changes, entry, hand()); });
  }
  std::string row() {
    return query(
        "SELECT actor || ',' || ifnull(until - 1790000000, '-') || ',' || (evidence IS NOT NULL) FROM "
        "suppression");
  }
};

TEST_F(ComplaintByHandTest, that_ends_does_not_replace_a_learned_one) {
  complain();
  add(kSent + hours(72));
  EXPECT_EQ(row(), "suppressd,-,1");
}

TEST_F(ComplaintByHandTest, that_is_permanent_is_kept_until_one_that_ends_is_added) {
  add({});
  complain();
  EXPECT_EQ(row(), "root,-,0");
  add(kSent + hours(72));
  EXPECT_EQ(row(), "suppressd,-,1");
}

TEST_F(ComplaintByHandTest, that_refuses_no_one_does_not_hide_a_learned_one) {
  database->execute(
      "INSERT INTO suppression(address, kind, state) VALUES ('a@b.example', 'complaint', 'pending')");
  complain();
  EXPECT_EQ(row(), "suppressd,-,1");
}

TEST_F(ComplaintByHandTest, that_ended_comes_back_only_where_no_learned_one_lasts_longer) {
  add(kSent + hours(96));
  auto act = hand();
  by_hand([&](Decider& decider, Batch& changes) { return decider.lift(changes, "a@b.example", act); });
  EXPECT_EQ(row(), "root,172800,0");
  const auto revert = [&](Decider& decider, Batch& changes) {
    auto reverting = hand();
    return decider.revert(changes, act.number, reverting);
  };
  by_hand(revert);
  EXPECT_EQ(row(), "root,345600,0");
  act = hand();
  by_hand([&](Decider& decider, Batch& changes) { return decider.lift(changes, "a@b.example", act); });
  EXPECT_EQ(fate(complaint("Original-Rcpt-To: a@b.example\n", trace({"a@b.example"})), hours(49)),
            Fate::learned);
  by_hand(revert);
  EXPECT_EQ(row(), "suppressd,-,1");
}

TEST_F(ReportLearningTest, a_redacted_complaint_is_about_the_only_recipient) {
  EXPECT_EQ(fate(complaint("", trace({"a@b.example", "c@b.example"}))), Fate::unproven);
  EXPECT_EQ(entries(), "");
  EXPECT_EQ(fate(complaint("", trace({"a@b.example"}))), Fate::learned);
  EXPECT_EQ(entries(), "a@b.example complaint");
}

TEST_F(ReportLearningTest, a_bounce_that_names_no_one_is_about_the_only_recipient) {
  const auto bounce = [](const std::string& returned) {
    return "Return-Path: <>\nFrom: MAILER-DAEMON@mx.b.example\nTo: news@x.example\nSubject: "
           "Undelivered\nMIME-Version: 1.0\n"
           "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: "
           "text/plain\n\nThe server said: 550 5.1.1 User unknown\n"
           "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "
           "mx.b.example\n\n--b\nContent-Type: text/rfc822-headers\n\n" +
           returned + "From: news@x.example\nTo: a@b.example\nSubject: News\n\n--b--\n";
  };
  EXPECT_EQ(fate(bounce(trace({"a@b.example", "hidden@b.example"}))), Fate::unproven);
  EXPECT_EQ(entries(), "");
  EXPECT_EQ(fate(bounce(trace({"a@b.example"}))), Fate::learned);
  EXPECT_EQ(entries(), "a@b.example hard");
}

TEST_F(ReportLearningTest, a_cancelled_delivery_restores_streak_and_entry) {
  for (int day = 0; day < 3; ++day) full("4XF000" + std::to_string(day), hours(24 * day));
  EXPECT_EQ(query("SELECT streak FROM recipient"), "3");
  delivery("4XD0001", hours(72));
  EXPECT_EQ(query("SELECT streak FROM recipient"), "0");
  EXPECT_EQ(query("SELECT count(*) FROM suppression"), "0");
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}, "4XD0001", hours(72)), "5.2.2",
                     "552 5.2.2 Mailbox full"),
                 hours(73)),
            Fate::learned);
  EXPECT_EQ(query("SELECT streak || ' ' || (last_delivery IS NULL) FROM recipient"), "3 1");
  EXPECT_EQ(query("SELECT until - since FROM suppression"), std::to_string(30 * 86400));
  EXPECT_EQ(query("SELECT act FROM audit ORDER BY id DESC LIMIT 1"), "restored");
}

TEST_F(ReportLearningTest, a_gateway_that_accepts_everything_builds_a_streak) {
  for (int day = 0; day < 3; ++day) {
    const auto id = "4XD000" + std::to_string(day);
    delivery(id, hours(24 * day));
    EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}, id, hours(24 * day)), "5.2.2",
                       "552 5.2.2 Mailbox full"),
                   hours(24 * day + 1)),
              Fate::learned);
  }
  EXPECT_EQ(query("SELECT kind FROM suppression"), "soft");
  EXPECT_EQ(query("SELECT streak FROM recipient"), "3");
}

TEST_F(ReportLearningTest, a_report_in_the_second_of_the_delivery_counts) {
  delivery("4XD0001", hours(1));
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}, "4XD0001", hours(1))), hours(1)), Fate::learned);
  EXPECT_EQ(entries(), "a@b.example hard");
}

TEST_F(ReportLearningTest, an_answer_or_unknown_words_do_not_undo_a_delivery) {
  for (const std::string words : {"I am out of the office until Monday", "Zzz yyy xxx"}) {
    const std::string id = words.starts_with('I') ? "4XD0001" : "4XD0002";
    delivery(id, hours(1));
    const auto before = query("SELECT last_delivery FROM recipient");
    mail(dsn("a@b.example", trace({"a@b.example"}, id, hours(1)), "none", words), hours(2));
    EXPECT_EQ(query("SELECT last_delivery FROM recipient"), before) << words;
  }
  EXPECT_EQ(entries(), "");
}

TEST_F(ReportLearningTest, an_answer_that_is_faster_than_the_log_does_not_hide_its_delivery) {
  full("4XF0001", Duration{0});
  mail(dsn("a@b.example", trace({"a@b.example"}, "4XD0001", hours(24)), "none", "Zzz yyy xxx"), hours(24));
  delivery("4XD0001", hours(24));
  EXPECT_EQ(query("SELECT streak FROM recipient"), "0");
}

TEST_F(ReportLearningTest, a_bounce_of_a_list_member_that_names_no_one_does_not_blame_the_list) {
  const auto returned = trace({"talk@b.example"}) + "List-Id: <talk.b.example>\nTo: talk@b.example\n";
  const auto text =
      "Return-Path: <>\nFrom: MAILER-DAEMON@mx.c.example\nTo: news@x.example\nSubject: "
      "Undelivered\nMIME-Version: 1.0\n"
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nNot delivered: 550 "
      "5.1.1 User unknown\n"
      "--b\nContent-Type: text/rfc822-headers\n\n" +
      returned + "From: news@x.example\nSubject: News\n\n--b--\n";
  EXPECT_EQ(fate(text), Fate::unproven);
  EXPECT_EQ(entries(), "");
}

TEST_F(ReportLearningTest, a_report_that_is_faster_than_the_log_is_not_undone_by_it) {
  full("4XF0001", Duration{0});
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}, "4XD0001", hours(24)), "5.2.2",
                     "552 5.2.2 Mailbox full"),
                 hours(24)),
            Fate::learned);
  delivery("4XD0001", hours(24));
  EXPECT_EQ(query("SELECT streak FROM recipient"), "2");
}

TEST_F(ReportLearningTest, a_report_does_not_undo_the_delivery_of_another_message_with_the_same_id) {
  full("4XF0001", hours(-24));
  const auto report =
      dsn("a@b.example", trace({"a@b.example"}, "4XD0001"), "5.2.2", "552 5.2.2 Mailbox full");
  EXPECT_EQ(fate(report, hours(1)), Fate::learned);
  EXPECT_EQ(query("SELECT streak FROM recipient"), "2");
  delivery("4XD0001", Duration{30});
  EXPECT_EQ(query("SELECT streak FROM recipient"), "2") << "this is the message that came back";
  delivery("4XD0001", hours(5));
  EXPECT_EQ(query("SELECT streak FROM recipient"), "0") << "this one has only its id";
}

TEST_F(ReportLearningTest, a_report_does_not_take_back_the_delivery_of_an_older_message_with_the_same_id) {
  for (int day = 0; day < 2; ++day) full("4XF000" + std::to_string(day), hours(24 * day));
  delivery("4XD0001", hours(48));
  const auto report =
      dsn("a@b.example", trace({"a@b.example"}, "4XD0001", hours(53)), "5.2.2", "552 5.2.2 Mailbox full");
  EXPECT_EQ(fate(report, hours(54)), Fate::learned);
  EXPECT_EQ(query("SELECT streak FROM recipient"), "1");
}

TEST_F(ReportLearningTest,
       a_send_does_not_count_twice_when_it_failed_by_the_window_and_came_back_after_its_delivery) {
  config.policy.min_interval = Duration{0};
  restart();
  fail_by_window("4XD0001");
  attempt("4XD0001", hours(81), hours(81), "2.0.0, status=sent (250 ok)");
  EXPECT_EQ(query("SELECT streak FROM recipient"), "0");
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}, "4XD0001"), "5.2.2", "552 5.2.2 Mailbox full"),
                 hours(82)),
            Fate::learned);
  EXPECT_EQ(query("SELECT streak || ' ' || (last_delivery IS NULL) FROM recipient"), "1 1");
}

TEST_F(ReportLearningTest, a_window_failure_does_not_hide_the_report_that_comes_before_the_deliverys_line) {
  config.policy.min_interval = Duration{0};
  restart();
  fail_by_window("4XD0001");
  const auto report =
      dsn("a@b.example", trace({"a@b.example"}, "4XD0001"), "5.2.2", "552 5.2.2 Mailbox full");
  EXPECT_EQ(fate(report, hours(82)), Fate::learned);
  EXPECT_EQ(fate(report, hours(82)), Fate::known);
  attempt("4XD0001", hours(83), hours(83), "2.0.0, status=sent (250 ok)");
  EXPECT_EQ(query("SELECT streak FROM recipient"), "1");
}

TEST_F(ReportLearningTest, a_window_failure_does_not_hide_that_the_mailbox_is_dead) {
  fail_by_window("4XD0001");
  attempt("4XD0001", hours(81), hours(81), "2.0.0, status=sent (250 ok)");
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}, "4XD0001")), hours(82)), Fate::learned);
  EXPECT_EQ(entries(), "a@b.example hard");
}

TEST_F(ReportLearningTest, an_act_by_hand_after_the_delivery_stands) {
  full("4XF0001", Duration{0});
  delivery("4XD0001", hours(24));
  database->execute(
      "INSERT INTO act(number, at, act) VALUES (1, 1790000000 + 30 * 3600, 'lift');"
      "INSERT INTO act_address VALUES ('a@b.example', 1, 1790000000 + 30 * 3600);"
      "UPDATE recipient SET events = events + 1");
  EXPECT_EQ(fate(dsn("a@b.example", trace({"a@b.example"}, "4XD0001", hours(24)), "5.2.2",
                     "552 5.2.2 Mailbox full"),
                 hours(25)),
            Fate::learned);
  EXPECT_EQ(query("SELECT streak FROM recipient"), "0");
}

TEST_F(ReportLearningTest, a_message_id_is_proof_if_deliveries_are_indexed) {
  const auto text = dsn("a@b.example", "Message-ID: <4XD0001@x>\n");
  delivery("4XD0001", hours(1));
  EXPECT_EQ(fate(text, hours(2)), Fate::unproven);
  config.report_index = true;
  config.tracker.keep_message_ids = true;
  restart();
  delivery("4XD0002", hours(2));
  EXPECT_EQ(fate(dsn("a@b.example", "Message-ID: <4XD0002@x>\n"), hours(3)), Fate::learned);
  EXPECT_EQ(entries(), "a@b.example hard");
  EXPECT_EQ(fate(dsn("other@b.example", "Message-ID: <4XD0002@x>\n"), hours(3)), Fate::unproven);
}

TEST_F(ReportLearningTest, a_report_has_the_tags_of_the_delivery_that_is_indexed) {
  config.report_index = true;
  config.tracker.keep_message_ids = true;
  restart();
  delivery("4XD0002", hours(2));
  EXPECT_EQ(query("SELECT count(*) FROM delivery WHERE campaign = ''"), "1");
  database->execute("UPDATE delivery SET campaign = 'summer', contact = 'c7'");
  EXPECT_EQ(fate(dsn("a@b.example", "Message-ID: <4XD0002@x>\n"), hours(3)), Fate::learned);
  EXPECT_EQ(query("SELECT campaign || contact || message_id FROM evidence"), "summerc74XD0002@x");
  EXPECT_EQ(query("SELECT dead FROM rate WHERE dimension = 'campaign' AND name = 'summer'"), "1");
}

TEST_F(ReportLearningTest, a_smart_hosts_customer_is_learned_by_its_bounce) {
  config.relays = {"[smart.x.example]:587"};
  restart();
  learn(time_of(Duration{0}),
        message("4XR0001", "news@x.example",
                "smtp[1]: 4XR0001: to=<dead@b.example>, relay=smart.x.example[192.0.2.9]:587, delay=1, "
                "delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XB0001)\n"));
  EXPECT_EQ(fate(dsn("dead@b.example", trace({"dead@b.example"}, "4XR0001"))), Fate::learned);
  EXPECT_EQ(entries(), "dead@b.example hard");
}

}  // namespace
}  // namespace suppressd
