// Breakers on a real database: which send opens one, how the log moves its test, and what survives.
#include <gtest/gtest.h>

#include "suppressd/store/verdict_reader.h"

#include "learner_fixture.h"

namespace suppressd {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class BreakerLearning : public LearnerTest {
 protected:
  void SetUp() override {
    LearnerTest::SetUp();
    config.breaker.dimensions = {BreakerDimension::sender_domain, BreakerDimension::campaign};
    config.breaker.test_messages = 10;
    config.local_relays = {"127.0.0.1"};
    now = must_time("2026-09-21T10:10:00Z");
    restart();
  }
  std::string send(const std::string& to, const std::string& end, const std::string& at) {
    const auto id = "4X" + std::to_string(10000 + ++sent);
    std::string text;
    for (const auto& line :
         {"qmgr[1]: " + id + ": from=<news@shop.example>, size=1, nrcpt=1 (queue active)",
          "smtp[1]: " + id + ": to=<" + to +
              ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=" + end,
          "qmgr[1]: " + id + ": removed"})
      text += at + "+00:00 mta postfix/" + line + "\n";
    read(text);
    return id;
  }
  void read(const std::string& text) {
    std::istringstream in{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    go_on(learner->learn(batch_of(std::move(lines))));
  }
  std::string deliver(int user, const std::string& at = "2026-09-21T10:05:00") {
    return send("u" + std::to_string(user) + "@h.example", "2.0.0, status=sent (250 ok)", at);
  }
  std::string fail(int user, const std::string& at = "2026-09-21T10:06:00") {
    return send(
        "d" + std::to_string(user) + "@h.example",
        "5.1.1, status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 user unknown (in reply "
        "to RCPT TO command))",
        at);
  }
  void step() {
    const auto stepped = learner->step_breakers();
    ASSERT_TRUE(stepped) << stepped.error().message;
  }
  std::string state(const std::string& name = "shop.example") {
    return query("SELECT state FROM v_breaker WHERE name = '" + name + "'");
  }
  void open_by_hand(const std::string& dimension, const std::string& name, const std::string& what = "hard",
                    const std::string& level = "critical") {
    query("INSERT INTO alert(dimension, name, what, level, opened, within, events, sends) VALUES ('" +
          dimension + "', '" + name + "', '" + what + "', '" + level + "', " + std::to_string(to_unix(now)) +
          ", 86400, 12, 100)");
    step();
  }
  void test_begins(const std::string& name = "shop.example") {
    now += hours(1) + seconds(1);
    step();
    ASSERT_EQ(state(name), "testing");
  }
  void keep(const std::string& queue_id, int recipients = 1) {
    ASSERT_TRUE(learner->keep({TestMessage{.place = {BreakerDimension::sender_domain, "shop.example"},
                                           .queue_id = queue_id,
                                           .since = now,
                                           .recipients = recipients,
                                           .failed = {}}}));
  }
  std::string test() {
    return query(
        "SELECT test_messages || ' messages ' || test_ended || ' ended ' || test_dead || ' dead' FROM "
        "v_breaker");
  }
  std::string next_id() const { return "4X" + std::to_string(10001 + sent); }
  std::string clock() const {
    auto text = format_time(now);
    text.pop_back();
    return text;
  }

  int sent = 0;
};

TEST_F(BreakerLearning, it_opens_with_the_send_that_makes_the_alert_critical_and_says_why) {
  for (int user = 0; user < 89; ++user) deliver(user);
  for (int user = 0; user < 10; ++user) fail(user);
  step();
  EXPECT_EQ(state(), "");
  fail(10);  // 11 of 100
  step();
  EXPECT_EQ(query("SELECT state || ' ' || dimension || ' ' || until || ' ' || why FROM v_breaker"),
            "paused sender-domain " +
                query("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', opened + 3600, 'unixepoch')"
                      " FROM alert WHERE level = 'critical' AND dimension = 'sender-domain'") +
                " hard failures 11.0 % (11 of 100) in 1d");
  EXPECT_EQ(query("SELECT act FROM audit WHERE act LIKE 'breaker%'"), "breaker-paused");
}

TEST_F(BreakerLearning, warnings_and_soft_failures_open_nothing_and_complaints_do) {
  open_by_hand("campaign", "spring", "hard", "warning");
  open_by_hand("campaign", "spring", "soft");
  open_by_hand("account", "anna");
  EXPECT_EQ(query("SELECT count(*) FROM breaker"), "0");
  open_by_hand("campaign", "spring", "complaint");
  EXPECT_EQ(state("spring"), "paused");
  EXPECT_EQ(query("SELECT why FROM breaker"), "complaints 12.0 % (12 of 100) in 1d");
}

TEST_F(BreakerLearning, its_test_is_counted_from_the_log_and_closes_it_over_a_restart) {
  open_by_hand("sender-domain", "shop.example");
  test_begins();
  for (int user = 0; user < 8; ++user) {
    keep(next_id());
    deliver(user, clock());
  }
  restart();
  keep(next_id());
  fail(1, clock());
  EXPECT_EQ(test(), "9 messages 9 ended 1 dead");
  step();
  EXPECT_EQ(state(), "testing");
  keep("4XOPEN");
  step();
  EXPECT_EQ(state(), "closed") << "1 of 9 ended, of 10";
  EXPECT_EQ(query("SELECT counted_from FROM breaker"), std::to_string(to_unix(rate_hour(now))));
}

TEST_F(BreakerLearning, dead_addresses_fail_the_test_and_what_the_rates_excuse_does_not) {
  open_by_hand("sender-domain", "shop.example");
  test_begins();
  keep(next_id());
  fail(1, clock());
  step();
  EXPECT_EQ(state(), "testing") << "1 passes";
  keep(next_id());
  fail(2, clock());
  query("UPDATE evidence SET rate = 'excused' WHERE address = 'd2@h.example'");
  step();
  EXPECT_EQ(state(), "testing");
  keep(next_id());
  fail(3, clock());
  step();
  EXPECT_EQ(state(), "paused") << "2 of 10";
  EXPECT_EQ(query("SELECT until - since FROM breaker"), std::to_string(4 * 3600));
}

TEST_F(BreakerLearning, a_test_message_is_followed_through_a_content_filter_and_ends_when_it_leaves) {
  open_by_hand("sender-domain", "shop.example");
  test_begins();
  const auto at = clock() + "+00:00 mta postfix/";
  keep("4XB0001");
  read(at +
       "smtp[1]: 4XB0001: to=<a@h.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/1/0, "
       "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XC0009)\n" +
       at + "qmgr[1]: 4XB0001: removed\n");
  EXPECT_EQ(test(), "1 messages 0 ended 0 dead");
  read(at + "cleanup[1]: 4XC0009: message-id=<x@x>\n" + at +
       "qmgr[1]: 4XC0009: from=<news@shop.example>, size=1, nrcpt=1 (queue active)\n" + at +
       "smtp[1]: 4XC0009: to=<a@h.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, "
       "dsn=5.1.1, status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 user unknown (in reply to "
       "RCPT "
       "TO command))\n");
  EXPECT_EQ(test(), "1 messages 1 ended 1 dead");
  keep("4XB0002", 3);
  read(at + "qmgr[1]: 4XB0002: removed\n");
  EXPECT_EQ(test(), "2 messages 4 ended 1 dead");
}

TEST_F(BreakerLearning, only_sends_since_the_test_batch_count_for_the_next_alert) {
  for (int user = 0; user < 89; ++user) deliver(user);
  for (int user = 0; user < 11; ++user) fail(user);
  step();
  ASSERT_EQ(state(), "paused");
  test_begins();
  deliver(1, clock());
  RetentionSettings keep_all;
  keep_all.evidence = kForever;
  ASSERT_TRUE(learner->upkeep(keep_all));
  EXPECT_EQ(query("SELECT count(*) FROM alert WHERE closed IS NULL AND dimension = 'sender-domain'"), "0");
  EXPECT_NE(query("SELECT count(*) FROM alert WHERE closed IS NULL AND dimension = 'provider'"), "0")
      << "no other rate forgets them";
}

TEST_F(BreakerLearning, who_brings_another_s_tag_is_counted_and_paused_by_himself) {
  const auto tag = [&](const std::string& id, const std::string& by) {
    ASSERT_TRUE(learner->tag(
        {{.queue_id = id, .begun = now, .ended = now, .tags = {.campaign = "spring"}, .brought_by = by}}, 0));
  };
  tag("4XA", "login anna");
  tag("4XB", "login eve");
  tag("4XC", "login anna");
  EXPECT_EQ(query("SELECT campaign FROM tag_note ORDER BY queue_id"), "spring spring (by login eve) spring");
  ASSERT_TRUE(learner->tag({{.queue_id = "4XD",
                             .begun = now,
                             .ended = now,
                             .tags = {.campaign = "spring (by login bob)"},
                             .brought_by = "login eve"}},
                           0));
  EXPECT_EQ(query("SELECT campaign FROM tag_note WHERE queue_id = '4XD'"),
            "spring (by login bob) (by login eve)");
  VerdictReader reader{database_path};
  const auto paused = [&](const std::string& by) {
    const auto found =
        reader.find_pause({.dimension = BreakerDimension::campaign, .name = "spring", .brought_by = by}, now);
    EXPECT_TRUE(found) << found.error().message;
    return found && *found ? (**found).place.name : "no";
  };
  open_by_hand("campaign", "spring (by login eve)");
  EXPECT_EQ(paused("login eve"), "spring (by login eve)");
  EXPECT_EQ(paused("login anna"), "no") << "nobody pauses another's";
  open_by_hand("campaign", "spring");
  EXPECT_EQ(paused("login anna"), "spring");
  EXPECT_EQ(paused("login bob"), "no") << "bob's is another: spring (by login bob)";
}

TEST_F(BreakerLearning, nothing_happens_while_it_is_off) {
  config.breaker = {};
  restart();
  open_by_hand("campaign", "spring");
  EXPECT_EQ(query("SELECT count(*) FROM breaker"), "0");
}

}  // namespace
}  // namespace suppressd
