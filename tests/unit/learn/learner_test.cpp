#include "learner_fixture.h"

namespace suppressd {
namespace {

using std::chrono::hours;

TEST_F(LearnerTest, only_the_dead_recipient_of_a_message_is_suppressed) {
  learn(
      "Sep 21 10:00:00",
      message("4XA0001", "news@x.example",
              bounce("4XA0001", "dead@b.example", "5.1.1", "550 5.1.1 User unknown") +
                  bounce("4XA0001", "policy@b.example", "5.7.1",
                         "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example") +
                  "smtp[1]: 4XA0001: to=<good@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, "
                  "delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)\n"));
  EXPECT_EQ(suppressed(), "dead@b.example");
  EXPECT_EQ(acts, "suppressed dead@b.example\n");
  EXPECT_EQ(query("SELECT count(*) FROM message"), "0");
}

TEST_F(LearnerTest, words_of_a_remote_server_name_no_one) {
  learn("Sep 21 10:00:00",
        message("4XA0001", "news@x.example",
                bounce("4XA0001", "dead@b.example", "5.1.1",
                       "550 5.1.1 no such user) to=<victim@example.com>, relay=x, dsn=5.1.1, status=bounced "
                       "(550 5.1.1 unknown; status=sent (250 ok)")));
  EXPECT_EQ(suppressed(), "dead@b.example");
  EXPECT_EQ(query("SELECT count(*) FROM recipient WHERE address LIKE 'victim%'"), "0");
}

TEST_F(LearnerTest, our_bounces_and_our_own_refusals_are_ignored) {
  learn("Sep 21 10:00:00",
        message("4XA0001", "", bounce("4XA0001", "forged@b.example", "5.1.1", "550 5.1.1 User unknown")));
  learn("Sep 21 10:00:01",
        message("4XA0002", "news@x.example",
                bounce("4XA0002", "echo@b.example", "5.1.1",
                       "550 5.1.1 recipient suppressed: bad-mailbox since 2026-01-01, ref ABCDEFGHIJ")));
  EXPECT_EQ(suppressed(), "");
}

TEST_F(LearnerTest, three_full_mailbox_bounces_on_three_days_suppress_softly) {
  for (const auto* day : {"Sep 18 10:00:00", "Sep 19 10:00:00", "Sep 20 10:00:00"}) {
    EXPECT_EQ(query("SELECT count(*) FROM suppression"), "0");
    learn(day, message("4XA0001", "news@x.example",
                       bounce("4XA0001", "full@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
  }
  EXPECT_EQ(query("SELECT kind FROM suppression"), "soft");
  EXPECT_EQ(query("SELECT streak FROM v_streak"), "3");
}

TEST_F(LearnerTest, an_uncommitted_null_sender_survives_a_restart) {
  learn("Sep 21 10:00:00",
        "cleanup[1]: 4XA0001: message-id=<1@x>\nqmgr[1]: 4XA0001: from=<>, size=1, nrcpt=1 (queue active)");
  restart();
  learn("Sep 21 10:00:01", bounce("4XA0001", "forged@b.example", "5.1.1", "550 5.1.1 User unknown"));
  EXPECT_EQ(suppressed(), "");
}

/// Lines of several days, hosts and instances, each learned by itself.
class DaysTest : public LearnerTest {
 protected:
  void line(hours after, const std::string& text, const std::string& instance = "postfix",
            const std::string& host = "mta") {
    auto at = format_time(from_unix(1'790'000'000) + after);
    at.pop_back();
    go_on(learner->learn(batch_of(std::vector{at + "+00:00 " + host + " " + instance + "/" + text})));
  }
  static std::string attempt(const std::string& id, hours delay, const std::string& status,
                             const std::string& to = "a@b.example") {
    return "smtp[1]: " + id + ": to=<" + to + ">, relay=mx.b.example[198.51.100.1]:25, delay=" +
           std::to_string(std::chrono::seconds(delay).count()) + ", delays=0/0/0/0, dsn=" + status +
           " (in reply to RCPT TO command))";
  }
  static std::string full(const std::string& id, hours delay) {
    return attempt(id, delay,
                   "4.2.2, status=deferred (host mx.b.example[198.51.100.1] said: 452 4.2.2 Mailbox full");
  }
  static std::string dead(const std::string& id, const std::string& to) {
    return attempt(id, hours(0),
                   "5.1.1, status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown", to);
  }
  static std::string sent(const std::string& id, hours delay) {
    return attempt(id, delay, "2.0.0, status=sent (250 ok");
  }
  void begin(hours after, const std::string& id, const std::string& sender = "news@x.example",
             const std::string& instance = "postfix", const std::string& host = "mta") {
    line(after, "cleanup[1]: " + id + ": message-id=<" + id + "@x>", instance, host);
    line(after, "qmgr[1]: " + id + ": from=<" + sender + ">, size=1, nrcpt=1 (queue active)", instance, host);
  }
  void removed(hours after, const std::string& id, const std::string& instance = "postfix",
               const std::string& host = "mta") {
    line(after, "qmgr[1]: " + id + ": removed", instance, host);
  }
  void expired(hours after, const std::string& id, const std::string& instance = "postfix") {
    line(after, "qmgr[1]: " + id + ": from=<news@x.example>, status=expired, returned to sender", instance);
    removed(after, id, instance);
  }
  std::string streak() { return query("SELECT streak FROM recipient WHERE address = 'a@b.example'"); }
};

TEST_F(DaysTest, a_message_deferred_for_days_and_then_delivered_is_not_called_undelivered) {
  for (int message = 0; message < 3; ++message) {
    const auto id = "4XA000" + std::to_string(message);
    const auto first = hours(message * 24 * 7);
    begin(first, id);
    for (int at = 0; at < 80; at += 4) line(first + hours(at), full(id, hours(at)));
    EXPECT_EQ(streak(), "1");
    line(first + hours(80), sent(id, hours(80)));
    removed(first + hours(80), id);
    EXPECT_EQ(streak(), "0");
    EXPECT_EQ(query("SELECT deliveries LIKE '%' || '" + id + "' || '%' FROM recipient"), "1");
  }
  EXPECT_EQ(query("SELECT count(*) FROM suppression"), "0");
  EXPECT_EQ(learner->counters().failed, 3u);
  EXPECT_EQ(learner->counters().delivered, 3u);
}

TEST_F(DaysTest, a_delivery_after_a_block_of_days_is_not_disbelieved) {
  begin(hours(0), "4XA0001");
  line(hours(0), full("4XA0001", hours(0)));
  expired(hours(24), "4XA0001");
  begin(hours(100), "4XA0002");
  for (int at = 0; at < 80; at += 4)
    line(hours(100 + at), attempt("4XA0002", hours(at),
                                  "4.7.1, status=deferred (host mx.b.example[198.51.100.1] said: 451 4.7.1 "
                                  "Blocked using zen.example"));
  EXPECT_EQ(query("SELECT count(*) FROM evidence WHERE queue_id = '4XA0002'"), "0")
      << "a block by the window decides nothing";
  line(hours(180), sent("4XA0002", hours(80)));
  EXPECT_EQ(streak(), "0");
}

TEST_F(DaysTest, a_delivery_of_another_message_with_the_same_id_is_not_disbelieved) {
  begin(hours(0), "4XA0001");
  line(hours(0),
       attempt("4XA0001", hours(0),
               "5.2.2, status=bounced (host mx.b.example[198.51.100.1] said: 552 5.2.2 Mailbox full"));
  removed(hours(0), "4XA0001");
  EXPECT_EQ(streak(), "1");
  begin(hours(5), "4XA0001");
  line(hours(5), sent("4XA0001", hours(0)));
  removed(hours(5), "4XA0001");
  EXPECT_EQ(streak(), "0") << "the id came back five hours later";

  auto at = hours(100);
  for (const auto& [instance, host] : {std::pair{"postfix", "mta2"}, std::pair{"postfix-out", "mta"}}) {
    begin(at, "4XA0001");
    line(at, attempt("4XA0001", hours(0),
                     "5.2.2, status=bounced (host mx.b.example[198.51.100.1] said: 552 5.2.2 Mailbox full"));
    EXPECT_EQ(streak(), "1");
    at += hours(1);
    begin(at, "4XA0001", "news@x.example", instance, host);
    line(at, sent("4XA0001", hours(0)), instance, host);
    removed(at, "4XA0001", instance, host);
    EXPECT_EQ(streak(), "0") << "of " << instance << " on " << host;
    at += hours(24);
  }
}

TEST_F(DaysTest, a_message_of_another_instance_does_not_end_a_message) {
  begin(hours(0), "4XA0001", "news@x.example", "pfa");
  line(hours(0), full("4XA0001", hours(0)), "pfa");
  begin(hours(1), "4XA0001", "news@x.example", "pfb");
  line(hours(1), sent("4XA0001", hours(0)), "pfb");
  removed(hours(1), "4XA0001", "pfb");
  expired(hours(120), "4XA0001", "pfa");
  EXPECT_EQ(streak(), "1");
}

TEST_F(DaysTest, a_bounce_to_the_null_sender_does_not_count_for_another_instances_message) {
  begin(hours(0), "4XA0001", "", "pfa");
  begin(hours(1), "4XA0001", "news@x.example", "pfb");
  line(hours(2), dead("4XA0001", "forged@b.example"), "pfa");
  EXPECT_EQ(suppressed(), "");
}

TEST_F(DaysTest, a_null_sender_is_not_overlooked_if_smtp_has_its_own_syslog_name) {
  begin(hours(0), "4XA0001", "");
  line(hours(0), dead("4XA0001", "forged@b.example"), "postfix-out");
  EXPECT_EQ(suppressed(), "");
  begin(hours(1), "4XA0002");
  restart();
  line(hours(1), dead("4XA0002", "dead@b.example"), "postfix-out");
  EXPECT_EQ(suppressed(), "dead@b.example");
  EXPECT_EQ(query("SELECT instance FROM evidence"), "postfix");
}

TEST_F(DaysTest, three_messages_that_were_in_the_queue_at_the_first_start_do_not_count_as_one) {
  for (const std::string id : {"4XA0001", "4XA0002", "4XA0003"}) {
    const auto entered = hours(24 * (id.back() - '4'));  // one, two and three days before the log begins
    line(hours(0), "qmgr[1]: " + id + ": from=<news@x.example>, size=1, nrcpt=1 (queue active)");
    line(hours(0), full(id, -entered));
    restart();
  }
  EXPECT_EQ(query("SELECT group_concat((1790000000 - entered) / 86400, ' ') FROM message ORDER BY queue_id"),
            "3 2 1");
  EXPECT_EQ(query("SELECT group_concat((1790000000 - entered) / 86400, ' ') FROM send ORDER BY queue_id"),
            "3 2 1");
  for (const std::string id : {"4XA0001", "4XA0002", "4XA0003"}) expired(hours(24 * (id.back() - '0')), id);
  EXPECT_EQ(streak(), "3");
  EXPECT_EQ(query("SELECT kind FROM suppression"), "soft");
  EXPECT_EQ(query("SELECT count(*) FROM message"), "0");
  EXPECT_EQ(query("SELECT count(*) FROM send"), "0");
}

TEST_F(LearnerTest, a_hand_over_to_a_local_filter_is_no_delivery) {
  config.local_relays = {"127.0.0.1"};
  restart();
  learn("Sep 18 10:00:00", message("4XA0001", "news@x.example",
                                   bounce("4XA0001", "full@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
  learn(
      "Sep 19 10:00:00",
      message(
          "4XA0002", "news@x.example",
          "smtp[1]: 4XA0002: to=<full@b.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/1/0, "
          "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XB0001)\n"));
  EXPECT_EQ(query("SELECT streak FROM v_streak"), "1");
}

TEST_F(LearnerTest, a_smart_hosts_acceptance_resets_nothing) {
  config.relays = {"[smart.x.example]:587"};
  restart();
  learn("Sep 18 10:00:00", message("4XA0001", "news@x.example",
                                   bounce("4XA0001", "full@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
  learn("Sep 19 10:00:00", message("4XA0002", "news@x.example",
                                   "smtp[1]: 4XA0002: to=<full@b.example>, "
                                   "relay=smart.x.example[192.0.2.9]:587, delay=1, delays=0/0/1/0, "
                                   "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XB0001)\n"));
  EXPECT_EQ(query("SELECT streak FROM v_streak"), "1");
}

TEST_F(LearnerTest, a_typo_in_smart_host_suppresses_no_one_in_300_domains) {
  std::vector<std::string> lines;
  for (int i = 0; i < 300; ++i) {
    const auto id = "6AKNELkC0" + std::to_string(10000 + i);
    const auto head = "Sep 21 10:00:00 mta sm-mta[1]: " + id + ": ";
    lines.push_back(head + "from=<news@x.example>, size=1, class=0, nrcpts=1, msgid=<" + id +
                    "@x>, proto=ESMTP, daemon=MTA, relay=[192.0.2.1]");
    lines.push_back(head + "to=<user@d" + std::to_string(i) +
                    ".example>, delay=00:00:00, xdelay=00:00:00, mailer=relay, pri=30074, " +
                    "relay=smart.nodomain.example, dsn=5.1.2, stat=Host unknown (Name server: "
                    "smart.nodomain.example: host not found)");
  }
  go_on(learner->learn(batch_of(std::move(lines))));
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(query("SELECT count(*) FROM evidence WHERE category = 'local-fault' AND action = 'none'"), "300");
}

TEST_F(LearnerTest, a_relay_that_is_down_suppresses_no_one) {
  config.relays = {"smart.x.example"};
  restart();
  for (const auto* day : {"Sep 18 10:00:00", "Sep 19 10:00:00", "Sep 20 10:00:00", "Sep 21 10:00:00"}) {
    const auto id = "4XA000" + std::string(day).substr(4, 2);
    learn(day,
          message(
              id, "news@x.example",
              "smtp[1]: " + id +
                  ": to=<user@b.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred " +
                  "(connect to smart.x.example[192.0.2.9]:25: Connection refused)\nqmgr[1]: " + id +
                  ": from=<news@x.example>, status=expired, returned to sender"));
  }
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(query("SELECT count(*) FROM v_streak"), "0");
  EXPECT_EQ(query("SELECT count(*) FROM evidence WHERE category = 'local-fault'"), "4");
}

TEST_F(LearnerTest, an_mx_that_is_down_is_a_failure_as_before) {
  learn("Sep 18 10:00:00",
        message("4XA0001", "news@x.example",
                "smtp[1]: 4XA0001: to=<user@b.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, "
                "status=deferred (connect to mx1.provider.example[198.51.100.9]:25: Connection timed out)\n"
                "qmgr[1]: 4XA0001: from=<news@x.example>, status=expired, returned to sender"));
  EXPECT_EQ(query("SELECT category || ' ' || action FROM evidence"), "connection soft");
}

TEST_F(LearnerTest, a_message_accepted_by_sendmails_relay_mailer_resets_nothing) {
  learn("Sep 18 10:00:00", message("4XA0001", "news@x.example",
                                   bounce("4XA0001", "full@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
  const std::string head = "Sep 19 10:00:00 mta sm-mta[1]: 6AKNELkC010160: ";
  go_on(learner->learn(batch_of({head + "from=<news@x.example>, size=1, class=0, nrcpts=1, msgid=<2@x>, "
                                        "proto=ESMTP, daemon=MTA, relay=[192.0.2.1]",
                                 head + "to=<full@b.example>, delay=00:00:00, xdelay=00:00:00, mailer=relay, "
                                        "pri=30074, relay=smart.y.example. [192.0.2.25], dsn=2.0.0, "
                                        "stat=Sent (2.0.0 Ok: queued as 1)"})));
  EXPECT_EQ(query("SELECT streak FROM v_streak"), "1");
  EXPECT_EQ(query("SELECT count(last_delivery) FROM recipient"), "0");
}

TEST_F(LearnerTest, all_of_a_burst_at_one_provider_is_pending) {
  config.hard_burst = 20;
  restart();
  std::string lines;
  for (int i = 0; i < 100; ++i) {
    const auto id = "4XA00" + std::to_string(i);
    lines +=
        message(id, "news@x.example",
                bounce(id, "user" + std::to_string(i) + "@b.example", "5.1.1", "550 5.1.1 User unknown")) +
        "\n";
  }
  learn("Sep 21 10:00:00", lines);
  EXPECT_EQ(query("SELECT count(*) FROM v_suppressed"), "0");
  EXPECT_EQ(query("SELECT count(*) FROM suppression WHERE state = 'pending'"), "100");
}

TEST_F(LearnerTest, a_row_deleted_behind_our_back_is_not_remembered) {
  learn("Sep 21 10:00:00", message("4XA0001", "news@x.example",
                                   bounce("4XA0001", "dead@b.example", "5.1.1", "550 5.1.1 User unknown")));
  database->execute("DELETE FROM suppression");
  EXPECT_EQ(suppressed(), "");
  learn("Sep 21 11:00:00", message("4XA0002", "news@x.example",
                                   bounce("4XA0002", "dead@b.example", "5.1.1", "550 5.1.1 User unknown")));
  EXPECT_EQ(suppressed(), "dead@b.example");
}

TEST_F(LearnerTest, an_action_that_the_operator_changed_is_followed) {
  config.actions.set(Category::mailbox_full, Action::none);
  auto loaded = load_rules({}, config.actions);
  ASSERT_TRUE(loaded);
  *rules = std::move(*loaded);
  restart();
  learn("Sep 21 10:00:00", message("4XA0001", "news@x.example",
                                   bounce("4XA0001", "full@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
  EXPECT_EQ(query("SELECT count(*) FROM v_streak"), "0");
}

// DESIGN: keys that decide are in force for events that end after they were set.
TEST_F(LearnerTest, a_raised_threshold_lifts_no_one_who_was_suppressed_before) {
  const auto full = [&](int day) {
    const auto id = "3ABCDE0" + std::to_string(day);
    learn("2026-11-0" + std::to_string(day) + "T10:00:00Z",
          message(id, "news@a.example", bounce(id, "full@b.example", "5.2.2", "552 5.2.2 mailbox full")));
  };
  for (const int day : {1, 2, 3}) full(day);
  EXPECT_EQ(suppressed(), "full@b.example");
  now = must_time("2026-11-03T20:00:00Z");
  config.policy.threshold = 5;
  learner->use(config, *rules);
  learn("2026-11-04T10:00:00Z",
        message("3ABCDE0X", "news@a.example",
                bounce("3ABCDE0X", "full@b.example", "5.2.2", "552 5.2.2 mailbox full")));
  EXPECT_EQ(suppressed(), "full@b.example") << "it is folded again, by the keys of its time";
  EXPECT_EQ(query("SELECT soft_threshold FROM policy ORDER BY since"), "3 5");
  restart();
  full(5);
  EXPECT_EQ(query("SELECT count(*) FROM policy"), "2") << "they are as before";
}

// DESIGN: an event keeps the judgement it was first stored with.
// The earlier end stands with what it says, in either order.
TEST_F(LearnerTest, an_earlier_reading_that_blames_nobody_takes_the_entry_away) {
  const auto bounced = [&](const std::string& time, const std::string& dsn, const std::string& reply) {
    learn(time, bounce("3ABCDE09", "a@b.example", dsn, reply));
  };
  bounced("2026-11-02T10:00:02Z", "5.1.1", "550 5.1.1 user unknown");
  ASSERT_EQ(suppressed(), "a@b.example");
  bounced("2026-11-02T10:00:00Z", "5.7.1",
          "554 5.7.1 Service unavailable; client blocked using zen.spamhaus.org");
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(query("SELECT count(*) || action FROM evidence"), "1none");
  bounced("2026-11-02T10:00:02Z", "5.1.1", "550 5.1.1 user unknown");
  EXPECT_EQ(suppressed(), "");
}

TEST_F(LearnerTest, a_row_of_policy_that_a_person_spoiled_does_not_stop_learning) {
  learn("2026-11-01T10:00:00Z", message("3ABCDE01", "news@a.example", ""));
  for (const std::string ladder : {"x", "[]", "[-1]", "[18446744073709551615]", "[\"a\"]"}) {
    query("INSERT OR REPLACE INTO policy SELECT 1, 1, NULL, NULL, '" + ladder +
          "', hard_weak_for,"
          " hard_bad_domain_for, hard_known_good_for, report_window FROM policy WHERE since = 0");
    learn("2026-11-02T10:00:00Z",
          message("3ABCDE02", "news@a.example",
                  bounce("3ABCDE02", "full@b.example", "5.2.2", "552 5.2.2 mailbox full")));
    EXPECT_EQ(suppressed(), "") << ladder;
  }
}

TEST_F(LearnerTest, an_act_and_keys_of_another_process_are_not_overlooked) {
  learn("2026-11-01T10:00:00Z", message("3ABCDE01", "news@a.example", ""));
  query("INSERT INTO act(act, since, until) VALUES ('undo', 0, 4102444800)");
  query("UPDATE policy SET soft_threshold = 1");
  ASSERT_TRUE(learner->note({}, 0)) << "a transaction of ours that needs neither";
  learn("2026-11-02T10:00:00Z",
        message("3ABCDE02", "news@a.example",
                bounce("3ABCDE02", "a@b.example", "5.1.1", "550 5.1.1 user unknown")));
  EXPECT_EQ(suppressed(), "") << "undone before it was read";
  query("DELETE FROM act");
  learn("2026-11-02T11:00:00Z",
        message("3ABCDE03", "news@a.example",
                bounce("3ABCDE03", "full@b.example", "5.2.2", "552 5.2.2 mailbox full")));
  EXPECT_EQ(suppressed(), "full@b.example") << "by the other's threshold";
}

TEST_F(LearnerTest, an_undo_by_hand_of_a_category_that_does_not_exist_takes_out_nothing) {
  query("INSERT INTO act(act, since, until, category) VALUES ('undo', 0, 4102444800, 'bad-mailbix')");
  learn("2026-11-02T10:00:00Z",
        message("3ABCDE02", "news@a.example",
                bounce("3ABCDE02", "a@b.example", "5.1.1", "550 5.1.1 user unknown")));
  EXPECT_EQ(suppressed(), "a@b.example");
}

TEST_F(LearnerTest, a_replay_with_another_threshold_does_not_change_the_list_of_the_daemon) {
  learn("2026-11-01T10:00:00Z", message("3ABCDE01", "news@a.example", ""));
  config.sets_policy = false;
  config.policy.threshold = 1;
  learner->use(config, *rules);
  learn("2026-11-02T10:00:00Z",
        message("3ABCDE02", "news@a.example",
                bounce("3ABCDE02", "full@b.example", "5.2.2", "552 5.2.2 mailbox full")));
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(query("SELECT soft_threshold FROM policy"), "3");
  EXPECT_TRUE(learner->other_keys());
}

TEST_F(LearnerTest, a_line_that_is_read_again_under_other_rules_keeps_its_judgement) {
  const auto lines = message("4XA0001", "news@x.example",
                             bounce("4XA0001", "full@b.example", "5.2.2", "552 5.2.2 Mailbox full"));
  const auto judged_as = [&](Action action) {
    config.actions.set(Category::mailbox_full, action);
    auto loaded = load_rules({}, config.actions);
    ASSERT_TRUE(loaded);
    *rules = std::move(*loaded);
    restart();
  };
  judged_as(Action::none);
  learn("Sep 21 10:00:00", lines);
  judged_as(Action::hard);
  cursor = {};
  batch_of("Sep 21 10:00:00", lines);
  batch.cursor.first_line = std::string(64, 'c');  // another log with the same events
  go_on(learner->learn(batch));
  EXPECT_EQ(query("SELECT action FROM evidence"), "none");
  EXPECT_EQ(suppressed(), "") << "what memory says is what the database says";
}

TEST_F(LearnerTest, a_log_with_endless_names_is_learned_like_any_other) {
  const std::string endless(100000, 'x');
  const std::string host(70000, 'h');
  std::vector<std::string> lines;
  for (const std::string text : {"cleanup[1]: 4XA0001: message-id=<1@x>",
                                 "qmgr[1]: 4XA0001: from=<news@x.example>, size=1, nrcpt=1 (queue active)",
                                 "smtp[1]: 4XA0001: to=<dead@b.example>, relay=ENDLESS[198.51.100.1]:25, "
                                 "delay=1, delays=0/0/1/0, dsn=5.1.1, "
                                 "status=bounced (host ENDLESS[198.51.100.1] said: 550 5.1.1 User unknown "
                                 "ENDLESS (in reply to RCPT TO command))"}) {
    auto line = "Sep 21 10:00:00 " + host + " postfix/" + text;
    for (auto place = line.find("ENDLESS"); place != std::string::npos; place = line.find("ENDLESS"))
      line.replace(place, 7, endless);
    lines.push_back(std::move(line));
  }
  go_on(learner->learn(batch_of(std::move(lines))));
  EXPECT_EQ(suppressed(), "dead@b.example");
  EXPECT_EQ(query("SELECT length(host) || ' ' || length(relay) || ' ' || length(text) FROM evidence"),
            "70000 255 512");
}

TEST_F(LearnerTest, lines_that_another_process_has_learned_are_not_learned_again) {
  learn("Sep 21 10:00:00", "qmgr[1]: 4XA0001: from=<news@x.example>, size=1, nrcpt=1 (queue active)");
  batch_of("Sep 21 10:00:01", bounce("4XA0001", "dead@b.example", "5.1.1", "550 5.1.1 User unknown"));
  const auto there = Elsewhere(*this).learner.learn(batch);
  ASSERT_TRUE(there && *there);
  EXPECT_EQ((*there)->id, cursor.id);
  const auto here = learner->learn(batch);
  ASSERT_TRUE(here) << here.error().message;
  EXPECT_FALSE(*here);
  EXPECT_EQ(query("SELECT understood FROM line_count"), "2");
  EXPECT_EQ(suppressed(), "dead@b.example");

  cursor = must_find_cursor();
  learn("Sep 21 10:00:02", "qmgr[1]: 4XA0001: removed");
  EXPECT_EQ(query("SELECT understood FROM line_count"), "3");
}

TEST_F(LearnerTest, a_stream_that_another_process_has_begun_meanwhile_is_not_begun_again) {
  batch_of("Sep 21 10:00:00", "qmgr[1]: 4XA0001: from=<news@x.example>, size=1, nrcpt=1 (queue active)");
  ASSERT_TRUE(Elsewhere(*this).learner.learn(batch));
  const auto here = learner->learn(batch);
  ASSERT_TRUE(here) << here.error().message;
  EXPECT_FALSE(*here);
  EXPECT_EQ(query("SELECT count(*) FROM cursor"), "1");

  // Another stream that begins with the same line was examined, and is not that one.
  batch.cursor.saved = must_find_cursor().saved;
  go_on(learner->learn(batch));
  EXPECT_EQ(query("SELECT count(*) FROM cursor"), "2");
}

TEST_F(LearnerTest, lines_of_journalctl_as_json_are_read) {
  const auto line = [](const std::string& unit, const std::string& message) {
    return R"({"__REALTIME_TIMESTAMP":"1790000000000000","_HOSTNAME":"mta","SYSLOG_IDENTIFIER":"postfix/)" +
           unit + R"(","MESSAGE":")" + message + "\"}";
  };
  go_on(
      learner->learn(batch_of({line("cleanup", "4XA0001: message-id=<1@x>"),
                               line("qmgr", "4XA0001: from=<news@x.example>, size=1, nrcpt=1 (queue active)"),
                               line("smtp",
                                    "4XA0001: to=<dead@b.example>, relay=mx.b.example[198.51.100.1]:25, "
                                    "delay=1, delays=0/0/1/0, dsn=5.1.1, "
                                    "status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 User "
                                    "unknown (in reply to RCPT TO command))"),
                               line("qmgr", "4XA0001: removed")})));
  EXPECT_EQ(suppressed(), "dead@b.example");
}

TEST_F(LearnerTest, lines_are_counted_and_those_not_understood_are_sampled) {
  learn("Sep 21 10:00:00",
        message("4XA0001", "news@x.example",
                "smtp[1]: 4XA0001: to=<a@b.example>, relay=mx[192.0.2.1]:25, status=odd\n") +
            "\nsmtpd[1]: connect from x[192.0.2.1]");
  EXPECT_EQ(query("SELECT understood || ' ' || ignored || ' ' || not_understood FROM line_count"), "4 1 1");
  EXPECT_NE(query("SELECT line FROM line_sample").find("status=odd"), std::string::npos);
}

}  // namespace
}  // namespace suppressd
