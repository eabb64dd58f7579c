// Events of a machine whose clock is ahead: they wait, and are neither lost nor counted before their time.
#include <chrono>

#include "learner_fixture.h"

namespace suppressd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class WaitingTest : public LearnerTest {
 protected:
  WaitingTest() { now = kLogged - hours(5); }

  // From 2026-09-21 10:00:00 on: an hourly newsletter to a dead mailbox.
  const Source::Batch& dead() {
    return batch_of("Sep 21 10:00:00",
                    message("4XA0001", "news@x.example",
                            bounce("4XA0001", "dead@b.example", "5.1.1", "550 5.1.1 User unknown")));
  }
  void upkeep() {
    const auto more = learner->upkeep({});
    ASSERT_TRUE(more) << more.error().message;
    EXPECT_FALSE(*more);
  }
  std::string waiting() { return query("SELECT count(*) FROM waiting"); }

  static inline const Time kLogged = from_unix(1'789'984'800);
};

TEST_F(WaitingTest, an_event_ahead_of_the_clock_does_not_count_until_the_clock_is_within_an_hour) {
  go_on(learner->learn(dead()));
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(query("SELECT count(*) FROM evidence"), "0");
  EXPECT_EQ(query("SELECT at || ' ' || (outcome ->> '$.address') FROM waiting"), "1789984800 dead@b.example");
  now = kLogged - hours(1) - Duration(1);
  upkeep();
  EXPECT_EQ(waiting(), "1");
  now += Duration(1);
  upkeep();
  EXPECT_EQ(waiting(), "0");
  EXPECT_EQ(suppressed(), "dead@b.example");
  EXPECT_EQ(acts, "suppressed dead@b.example\n");
  EXPECT_EQ(query("SELECT since FROM suppression"), "1789984800") << "the event's own time";
}

TEST_F(WaitingTest, an_event_an_hour_ahead_does_not_wait) {
  now = kLogged - hours(1);
  go_on(learner->learn(dead()));
  EXPECT_EQ(suppressed(), "dead@b.example");
  EXPECT_EQ(learner->counters().waiting, 0U);
  EXPECT_EQ(learner->take_ahead().events, 0U);
}

TEST_F(WaitingTest, waiting_events_survive_a_restart_and_are_learned_with_the_next_lines) {
  go_on(learner->learn(dead()));
  restart();
  now = kLogged;
  learn("Sep 21 09:00:00", "smtpd[1]: connect from x[192.0.2.1]");
  EXPECT_EQ(waiting(), "0");
  EXPECT_EQ(suppressed(), "dead@b.example");
}

TEST_F(WaitingTest, a_waiting_row_that_a_person_spoiled_stops_nothing_and_is_told) {
  go_on(learner->learn(dead()));
  const auto spoil = [&](const std::string& change) {
    query("INSERT INTO waiting SELECT at - 1, " + change + " FROM waiting ORDER BY at DESC LIMIT 1");
  };
  for (const std::string address : {"FOO@b.example", "nobody", "", "@b.example"})
    spoil("json_set(json_set(outcome, '$.at', json('" + std::to_string(to_unix(kLogged) - 1) +
          "')), '$.address', '" + address + "')");
  spoil("json_set(outcome, '$.at', json('253370764800'))");
  spoil("'x'");
  now = kLogged;
  learn("Sep 21 09:00:00", "smtpd[1]: connect from x[192.0.2.1]");
  EXPECT_EQ(waiting(), "0");
  EXPECT_EQ(suppressed(), "dead@b.example");
  EXPECT_EQ(query("SELECT count(*) FROM gap WHERE source = 'waiting'"), "6");
}

TEST_F(WaitingTest, a_log_that_is_read_twice_waits_once) {
  go_on(learner->learn(dead()));
  cursor = {};
  dead();
  batch.cursor.first_line = std::string(64, 'c');  // another log with the same events
  go_on(learner->learn(batch));
  EXPECT_EQ(waiting(), "1");
  EXPECT_EQ(learner->counters().waiting, 1U);
}

TEST_F(WaitingTest, the_list_is_the_same_as_with_a_clock_that_was_right) {
  const auto take_all = [&] {
    go_on(learner->learn(dead()));
    learn("Sep 21 12:00:00", message("4XA0002", "news@x.example",
                                     bounce("4XA0002", "full@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
    learn("Sep 21 13:00:00",
          message("4XA0003", "news@x.example",
                  "smtp[1]: 4XA0003: to=<dead@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, "
                  "delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)\n"));
  };
  const auto list = [&] {
    return query("SELECT address || kind || state || since || ref FROM suppression ORDER BY 1") + "; " +
           query("SELECT address || streak || coalesce(last_delivery, '') FROM recipient ORDER BY 1") + "; " +
           query("SELECT address || at || text || relay || sender FROM evidence ORDER BY 1");
  };
  take_all();
  EXPECT_EQ(waiting(), "3");
  now = kLogged + hours(24);
  upkeep();
  const auto late = list();
  start_afresh();
  take_all();
  EXPECT_EQ(waiting(), "0");
  EXPECT_EQ(late, list());
}

TEST_F(WaitingTest, which_host_is_ahead_and_how_far_is_reported_once) {
  now = kLogged - hours(3) - minutes(7);
  go_on(learner->learn(dead()));
  auto other = batch_lines;
  for (auto& line : other) {
    line.replace(line.find("mta"), 3, "mx9");
    line.replace(line.find("10:00:00"), 8, "09:00:00");
  }
  go_on(learner->learn(batch_of(std::move(other))));
  const auto ahead = learner->take_ahead();
  EXPECT_EQ(ahead.by, hours(3) + minutes(7));
  EXPECT_EQ(ahead.words(), "2 events are up to 3h ahead of the clock (the log of mta) and wait for it");
  EXPECT_EQ(learner->take_ahead().events, 0U);
  EXPECT_EQ(learner->counters().waiting, 2U);
}

TEST_F(WaitingTest, a_host_that_is_ahead_does_not_make_the_brake_forget_what_others_log) {
  now = kLogged;
  config.hard_burst = 20;
  restart();
  const auto fail = [&](const std::string& host, Duration after, int first) {
    auto at = format_time(kLogged + after);
    at.pop_back();
    std::vector<std::string> lines;
    for (int i = first; i < first + 15; ++i)
      lines.push_back(at + "+00:00 " + host + " postfix/" +
                      bounce("4XA00" + std::to_string(i), "user" + std::to_string(i) + "@b.example", "5.1.1",
                             "550 5.1.1 User unknown"));
    go_on(learner->learn(batch_of(std::move(lines))));
  };
  fail("mta", Duration(0), 100);
  fail("mx9", hours(30), 200);
  EXPECT_EQ(waiting(), "15");
  fail("mta", Duration(30), 300);
  EXPECT_EQ(query("SELECT state, count(*) FROM suppression GROUP BY 1"), "pending");
}

TEST_F(WaitingTest, events_that_were_not_committed_are_not_reported) {
  go_on(learner->learn(dead()));
  learner->take_ahead();
  database->execute("ALTER TABLE line_count RENAME TO gone");
  const auto failed = learner->learn(batch_of(
      "Sep 21 11:00:00", message("4XA0002", "news@x.example",
                                 bounce("4XA0002", "gone@b.example", "5.1.1", "550 5.1.1 User unknown"))));
  EXPECT_FALSE(failed);
  EXPECT_EQ(learner->take_ahead().events, 0U);
  EXPECT_EQ(waiting(), "1");
}

TEST_F(WaitingTest, an_unreadable_row_stops_nothing_and_becomes_a_gap) {
  go_on(learner->learn(dead()));
  database->execute("INSERT INTO waiting VALUES (1789984700, '{\"kind\":\"failed\"}')");
  now = kLogged;
  upkeep();
  EXPECT_EQ(waiting(), "0");
  EXPECT_EQ(suppressed(), "dead@b.example");
  EXPECT_EQ(query("SELECT lost_from || ' ' || reason FROM gap"),
            "1789984700 an event that waited for the clock cannot be read: \"origin\" is missing: it must be "
            "log or report");
}

TEST_F(WaitingTest, more_events_than_a_transaction_takes_are_left_to_the_next_ones) {
  go_on(learner->learn(dead()));
  database->execute(
      "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO waiting "
      "SELECT i, json_set(outcome, '$.at', i) FROM n, waiting");
  now = kLogged;
  for (const bool more : {true, true, false}) {
    const auto kept = learner->upkeep({});
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ(*kept, more);
  }
  EXPECT_EQ(waiting(), "0");
}

}  // namespace
}  // namespace suppressd
