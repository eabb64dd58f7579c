// Rates on a real database: what a log tells, what an incident, its confirmation or an undo makes of it.
#include <gtest/gtest.h>

#include "learner_fixture.h"

namespace suppressd {
namespace {

class RatesTest : public LearnerTest {
 protected:
  struct Mail {
    std::string at;  ///< `2026-09-04T08:00:00`
    std::string to;
    std::string end = "2.0.0, status=sent (250 ok)";
    std::string from = "news@mail.shop.example";
    int delay = 1;
  };
  static std::string dead(const std::string& to) {
    return "5.1.1, status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 <" + to +
           ">: user unknown (in reply to RCPT TO command))";
  }
  static std::string failed(const std::string& dsn, const std::string& reply) {
    return dsn + ", status=bounced (host mx.b.example[198.51.100.1] said: " + reply +
           " (in reply to RCPT TO command))";
  }
  static std::string address(int user) { return "u" + std::to_string(user) + "@h.example"; }

  std::string send(const Mail& mail) {
    const auto id = "4X" + std::to_string(10000 + ++sent);
    std::string text;
    for (const auto& line :
         {"qmgr[1]: " + id + ": from=<" + mail.from + ">, size=1, nrcpt=1 (queue active)",
          "smtp[1]: " + id + ": to=<" + mail.to + ">, relay=mx.b.example[198.51.100.1]:25, delay=" +
              std::to_string(mail.delay) + ", delays=0/0/1/0, dsn=" + mail.end,
          "qmgr[1]: " + id + ": removed"})
      text += mail.at + "+00:00 mta postfix/" + line + "\n";
    return text;
  }
  /// One batch.
  void read(const std::string& text) {
    std::istringstream in{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    go_on(learner->learn(batch_of(std::move(lines))));
  }
  std::string counts(const std::string& dimension = "sender-domain",
                     const std::string& name = "shop.example") {
    return query(
        "SELECT 'sent ' || sum(sent) || ' delivered ' || sum(delivered) || ' dead ' || sum(dead) || ' again "
        "' ||"
        " sum(again) || ' soft ' || sum(soft) || ' blocked ' || sum(blocked) || ' other ' || sum(other) ||"
        " ' excused ' || sum(excused) FROM rate WHERE dimension = '" +
        dimension + "' AND name = '" + name + "'");
  }
  std::string dead_and_excused() {
    return query(
        "SELECT sum(dead) || ' ' || sum(excused) FROM rate WHERE dimension = 'sender-domain' AND name = "
        "'shop.example'");
  }
  /// The counts of failures are those of the marks of the evidence.
  void expect_that_marks_add_up() {
    for (const auto* word : {"dead", "again", "soft", "blocked", "other", "excused"})
      for (const auto* dimension : {"sender-domain", "provider", "sender-domain+provider"})
        EXPECT_EQ(query("SELECT coalesce(sum(" + std::string(word) + "), 0) FROM rate WHERE dimension = '" +
                        dimension + "'"),
                  query("SELECT count(*) FROM evidence WHERE rate = '" + std::string(word) + "'"))
            << word << " " << dimension;
  }
  std::string alerts() {
    return query(
        "SELECT level || ' ' || what || ' ' || dimension || ' ' || name || ' ' || iif(closed IS NULL, "
        "'open', "
        "'closed')"
        " FROM alert ORDER BY id");
  }
  std::string mornings() {
    std::string text;
    for (const auto* day : {"01", "02", "03"})
      for (int user = 0; user < 12; ++user)
        text += send({"2026-09-" + std::string(day) + "T08:00:0" + std::to_string(user % 10), address(user)});
    return text;
  }
  std::string outage(int first, int last) {
    std::string text;
    for (int user = first; user < last; ++user)
      text +=
          send({"2026-09-04T08:0" + std::to_string(user % 10) + ":00", address(user), dead(address(user))});
    return text;
  }
  std::string campaign(const std::string& day, int size, int dead_ones) {
    std::string text;
    for (int user = 0; user < size; ++user) {
      const auto to = "c" + std::to_string(user) + "@" + day + ".example";
      const auto at = day + "T0" + std::to_string(user * 9 / size) + ":00:00";
      text += user < dead_ones ? send({at, to, dead(to)}) : send({at, to});
    }
    return text;
  }

  int sent = 0;
};

TEST_F(RatesTest, each_send_counts_once_as_what_became_of_it) {
  read(send({"2026-09-01T08:00:00", "a@h.example"}) +
       send({"2026-09-01T08:00:01", "b@h.example", dead("b@h.example")}) +
       send({"2026-09-01T08:00:02", "c@h.example", failed("5.2.2", "552 5.2.2 Mailbox full")}) +
       send({"2026-09-01T08:00:03", "d@h.example",
             failed("5.7.1",
                    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using "
                    "zen.spamhaus.org")}) +
       send({"2026-09-01T08:00:04", "e@h.example", failed("5.3.4", "552 5.3.4 Message too big")}));
  const std::string all = "sent 5 delivered 1 dead 1 again 0 soft 1 blocked 1 other 1 excused 0";
  EXPECT_EQ(counts(), all);
  EXPECT_EQ(counts("provider", "b.example"), all);
  EXPECT_EQ(counts("sender-domain+provider", "shop.example/b.example"), all);
  EXPECT_EQ(query("SELECT hard_percent || ' ' || failed_percent FROM v_rate WHERE dimension = 'provider'"),
            "20.0 80.0");
  expect_that_marks_add_up();
}

TEST_F(RatesTest, the_hour_is_that_in_which_the_message_entered) {
  Mail late{"2026-09-04T08:30:00", "a@h.example", dead("a@h.example")};
  late.delay = 2 * 86400;
  read(send(late));
  EXPECT_EQ(
      query("SELECT strftime('%Y-%m-%dT%H:%M', start, 'unixepoch') FROM rate WHERE dimension = 'provider'"),
      "2026-09-02T08:00");
}

TEST_F(RatesTest, an_address_is_dead_once_a_day_and_sender_domain) {
  std::string text;
  for (const auto* at :
       {"2026-09-01T10:00:00", "2026-09-01T09:00:00", "2026-09-01T11:00:00", "2026-09-02T09:00:00"})
    text += send({at, "a@h.example", dead("a@h.example")});
  text += send({"2026-09-01T12:00:00", "a@h.example", dead("a@h.example"), "x@other.example"});
  read(text);
  EXPECT_EQ(counts(), "sent 4 delivered 0 dead 2 again 2 soft 0 blocked 0 other 0 excused 0");
  EXPECT_EQ(counts("sender-domain", "other.example"),
            "sent 1 delivered 0 dead 1 again 0 soft 0 blocked 0 other 0 excused 0");
  EXPECT_EQ(
      query("SELECT strftime('%H', at, 'unixepoch') FROM evidence WHERE rate = 'dead' AND sender_domain = "
            "'shop.example' ORDER BY at"),
      "09 09")
      << "the first of the day, in whatever order they are read";
  expect_that_marks_add_up();
}

TEST_F(RatesTest, a_log_that_is_read_twice_counts_once) {
  std::string text = mornings() + outage(0, 2) + send({"2026-09-03T09:00:00", "new@h.example"});
  for (int i = 0; i < 7; ++i)
    text += send({"2026-09-03T1" + std::to_string(i) + ":00:00", "often@h.example"});
  read(text);
  const auto once = counts();
  cursor = {};
  offset = 0;
  batch_lines.clear();
  std::istringstream in{text};
  std::vector<std::string> lines{"2026-09-01T00:00:00+00:00 mta postfix/qmgr[1]: other stream"};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  auto again = batch_of(std::move(lines));
  again.cursor.first_line = std::string(64, 'c');
  again.cursor.source = "/var/log/mail.log.1";
  go_on(learner->learn(again));
  EXPECT_EQ(counts(), once);
  EXPECT_EQ(once, "sent 46 delivered 44 dead 2 again 0 soft 0 blocked 0 other 0 excused 0");
}

TEST_F(RatesTest, an_incident_takes_its_living_addresses_out_of_the_day_on_which_they_were_counted) {
  read(mornings() + outage(0, 2));
  EXPECT_EQ(dead_and_excused(), "2 0");
  read(outage(2, 5) + send({"2026-09-04T08:10:00", "new@h.example", dead("new@h.example")}));
  EXPECT_EQ(dead_and_excused(), "1 5") << "only the address that never took mail";
  expect_that_marks_add_up();
}

TEST_F(RatesTest, what_is_confirmed_comes_back_and_a_revert_takes_it_out_again) {
  read(mornings() + outage(0, 5));
  EXPECT_EQ(dead_and_excused(), "0 5");
  Decider decider(config);
  Hand hand{.now = must_time("2026-09-05T00:00"), .actor = "test", .note = {}};
  const auto by_hand = [&](auto&& act) {
    auto ledger_by_hand =
        Ledger::open(database_path, Ledger::Mode::write, Ledger::Durability::by_hand).value();
    auto open = ledger_by_hand.begin().value();
    ASSERT_TRUE(decider.begin(ledger_by_hand, open));
    act(open);
    ASSERT_TRUE(decider.end(open));
    ASSERT_TRUE(open.commit());
  };
  by_hand([&](Batch& open) { ASSERT_TRUE(decider.confirm(open, address(0), hand)); });
  EXPECT_EQ(dead_and_excused(), "1 4");
  by_hand([&](Batch& open) {
    Hand other{.now = must_time("2026-09-05T00:00"), .actor = "test", .note = {}};
    ASSERT_TRUE(decider.revert(open, hand.number, other));
  });
  EXPECT_EQ(dead_and_excused(), "0 5");
  expect_that_marks_add_up();
}

TEST_F(RatesTest, who_fails_again_days_after_counts_on_both_days) {
  std::string text = mornings() + outage(0, 5);
  for (const auto* day : {"05", "06", "07", "08"})
    for (int user = 1; user < 12; ++user)
      text += send({"2026-09-" + std::string(day) + "T08:00:0" + std::to_string(user % 10), address(user)});
  read(text);
  EXPECT_EQ(dead_and_excused(), "0 5");
  read(send({"2026-09-08T09:00:00", address(0), dead(address(0))}));
  EXPECT_EQ(suppressed(), address(0));
  EXPECT_EQ(dead_and_excused(), "2 4");
  expect_that_marks_add_up();
}

TEST_F(RatesTest, an_undo_subtracts_and_its_revert_adds) {
  read(send({"2026-09-01T08:00:00", "a@h.example", dead("a@h.example")}) +
       send({"2026-09-01T08:30:00", "a@h.example", dead("a@h.example")}) +
       send({"2026-09-01T08:00:00", "b@h.example", failed("5.2.2", "552 5.2.2 Mailbox full")}));
  EXPECT_EQ(counts(), "sent 3 delivered 0 dead 1 again 1 soft 1 blocked 0 other 0 excused 0");
  std::int64_t undone = 0;
  const auto by_hand = [&](auto&& act) {
    Decider decider(config);
    Hand hand{.now = now, .actor = "test", .note = {}};
    auto ledger_by_hand =
        Ledger::open(database_path, Ledger::Mode::write, Ledger::Durability::by_hand).value();
    auto open = ledger_by_hand.begin().value();
    ASSERT_TRUE(decider.begin(ledger_by_hand, open));
    act(decider, open, hand);
    ASSERT_TRUE(decider.end(open));
    ASSERT_TRUE(open.commit());
  };
  const auto undo = [&](const std::string& from, const std::string& until) {
    by_hand([&](Decider& decider, Batch& open, Hand& hand) {
      const auto done = decider.undo(open, {.since = must_time(from), .until = must_time(until)}, hand);
      ASSERT_TRUE(done);
      undone = done->number;
    });
  };
  undo("2026-09-01T07:00", "2026-09-01T08:10");
  EXPECT_EQ(counts(), "sent 3 delivered 0 dead 1 again 0 soft 0 blocked 0 other 0 excused 2")
      << "the second failure of the day is the first one now";
  expect_that_marks_add_up();
  by_hand(
      [&](Decider& decider, Batch& open, Hand& hand) { ASSERT_TRUE(decider.revert(open, undone, hand)); });
  EXPECT_EQ(counts(), "sent 3 delivered 0 dead 1 again 1 soft 1 blocked 0 other 0 excused 0");
  expect_that_marks_add_up();
}

TEST_F(RatesTest, what_the_brake_holds_counts) {
  config.hard_burst = 3;
  learner->use(config, *rules);
  std::string text;
  for (int user = 0; user < 6; ++user)
    text += send({"2026-09-01T08:00:0" + std::to_string(user), address(user), dead(address(user))});
  read(text);
  EXPECT_EQ(query("SELECT count(*) FROM suppression WHERE state = 'pending'"), "6");
  EXPECT_EQ(dead_and_excused(), "6 0");
}

TEST_F(RatesTest, a_bad_campaign_opens_an_alert_once_and_time_closes_it) {
  read(campaign("2026-09-01", 300, 40));
  EXPECT_EQ(alerts(),
            "critical hard sender-domain shop.example open critical hard provider b.example open "
            "critical hard sender-domain+provider shop.example/b.example open");
  auto news = learner->take_alerts();
  ASSERT_EQ(news.size(), 3U);
  EXPECT_EQ(news[0].now, AlertLevel::critical);
  EXPECT_EQ(news[0].alert.share, (RateShare{40, 300}));
  read(campaign("2026-09-02", 10, 1));
  EXPECT_TRUE(learner->take_alerts().empty()) << "it is said once";
  now = must_time("2026-09-12T00:00:00");
  ASSERT_TRUE(learner->upkeep({}, 100));
  news = learner->take_alerts();
  ASSERT_EQ(news.size(), 3U);
  EXPECT_EQ(news[0].now, AlertLevel::none);
  EXPECT_EQ(query("SELECT count(*) FROM alert WHERE closed IS NULL"), "0");
  EXPECT_EQ(query("SELECT value FROM meta WHERE name = 'rate.looked'"), std::to_string(to_unix(now)));
}

TEST_F(RatesTest, a_restart_neither_forgets_an_alert_nor_opens_it_again) {
  read(campaign("2026-09-01", 300, 40));
  restart();
  read(campaign("2026-09-02", 300, 40));
  EXPECT_TRUE(learner->take_alerts().empty());
  EXPECT_EQ(query("SELECT count(*) FROM alert"), "3");
}

TEST_F(RatesTest, one_dead_of_one_is_no_alert_and_neither_is_one_percent) {
  read(campaign("2026-08-20", 1, 1));
  EXPECT_EQ(alerts(), "");
  read(campaign("2026-09-01", 1000, 10));
  EXPECT_EQ(alerts(), "");
}

TEST_F(RatesTest, hours_become_days_after_eight_days) {
  read(campaign("2026-09-01", 90, 0));
  EXPECT_EQ(query("SELECT count(*) FROM rate WHERE dimension = 'provider'"), "9");
  read(send({"2026-09-20T08:00:00", "a@h.example"}));
  EXPECT_EQ(
      query("SELECT count(*) || ' ' || max(sent) || ' ' || min(start % 86400) FROM rate WHERE dimension = "
            "'provider' AND start < unixepoch('2026-09-10')"),
      "1 90 0");
  read(send(
      {"2026-09-20T08:00:00", "b@h.example", "2.0.0, status=sent (250 ok)", "x@shop.example", 19 * 86400}));
  EXPECT_EQ(query("SELECT count(*) || ' ' || max(sent) FROM rate WHERE dimension = 'provider' AND start < "
                  "unixepoch('2026-09-10')"),
            "1 91")
      << "what comes late counts on its day";
}

TEST_F(RatesTest, refusals_count_apart) {
  read(send({"2026-09-01T08:00:00", "a@h.example", dead("a@h.example")}));
  ASSERT_TRUE(learner->note({{.at = must_time("2026-09-01T09:00"),
                              .address = "a@h.example",
                              .sender = "news@mail.shop.example",
                              .outcome = "refused"},
                             {.at = must_time("2026-09-01T09:00"),
                              .address = "a@h.example",
                              .sender = "news@mail.shop.example",
                              .outcome = "monitored"}},
                            0));
  EXPECT_EQ(
      query("SELECT dimension || ' ' || name || ' ' || sum(refused) || ' ' || sum(sent) FROM rate GROUP BY "
            "dimension, name ORDER BY dimension"),
      "provider b.example 1 1 sender-domain shop.example 1 1 sender-domain+provider "
      "shop.example/b.example 1 1");
}

TEST_F(RatesTest, a_send_that_was_delayed_past_the_window_counts_once) {
  const std::string id = "4DELAYED";
  const auto line = [&](const std::string& at, const std::string& text) {
    return at + "+00:00 mta postfix/" + text + "\n";
  };
  const auto attempt = [&](const std::string& at, const std::string& end) {
    return line(at, "smtp[1]: " + id +
                        ": to=<a@h.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, dsn=" + end);
  };
  const std::string full =
      "4.2.2, status=deferred (host mx.b.example[198.51.100.1] said: 452 4.2.2 Mailbox full (in "
      "reply to RCPT TO command))";
  read(line("2026-09-01T08:00:00",
            "qmgr[1]: " + id + ": from=<news@shop.example>, size=1, nrcpt=1 (queue active)") +
       attempt("2026-09-01T08:00:01", full) + attempt("2026-09-02T08:00:01", full) +
       attempt("2026-09-04T09:00:00", full));
  EXPECT_EQ(query("SELECT ended_by || ' ' || rate FROM evidence"), "window ");
  EXPECT_EQ(query("SELECT count(*) FROM rate"), "0") << "it has not ended";
  read(attempt("2026-09-04T12:00:00", "2.0.0, status=sent (250 ok)") +
       line("2026-09-04T12:00:00", "qmgr[1]: " + id + ": removed"));
  EXPECT_EQ(counts(), "sent 1 delivered 1 dead 0 again 0 soft 0 blocked 0 other 0 excused 0");
}

}  // namespace
}  // namespace suppressd
