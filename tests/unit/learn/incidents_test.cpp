// Provider incidents on a real database: bounces of addresses that took mail before.
#include <gtest/gtest.h>

#include "learner_fixture.h"

namespace suppressd {
namespace {

class IncidentsTest : public LearnerTest {
 protected:
  static constexpr int kAddresses = 12;
  static std::string address(int user) { return "u" + std::to_string(user) + "@h.example"; }

  std::string send(const std::string& at, const std::string& to, bool dead) {
    const auto id = "4X" + std::to_string(10000 + ++sent);
    const std::string end = dead
                                ? "5.1.1, status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 <" +
                                      to + ">: user unknown (in reply to RCPT TO command))"
                                : "2.0.0, status=sent (250 ok)";
    std::string text;
    for (const auto& line :
         {"cleanup[1]: " + id + ": message-id=<" + id + "@x>",
          "qmgr[1]: " + id + ": from=<news@x.example>, size=1, nrcpt=1 (queue active)",
          "smtp[1]: " + id + ": to=<" + to +
              ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=" + end,
          "qmgr[1]: " + id + ": removed"})
      text += at + "+00:00 mta postfix/" + line + "\n";
    return text;
  }
  /// Each in a batch of its own, or all in one.
  void read(const std::string& text, bool at_once = false) {
    std::istringstream in{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
      lines.push_back(line);
      if (!at_once) go_on(learner->learn(batch_of(std::exchange(lines, {}))));
    }
    if (!lines.empty()) go_on(learner->learn(batch_of(std::move(lines))));
  }
  std::string mornings() {
    std::string text;
    for (const auto day : {"01", "02", "03"})
      for (int user = 0; user < kAddresses; ++user)
        text += send("2026-09-" + std::string(day) + "T08:00:0" + std::to_string(user % 10), address(user),
                     false);
    return text;
  }
  std::string outage(int first, int last) {
    std::string text;
    for (int user = first; user < last; ++user)
      text += send("2026-09-04T08:0" + std::to_string(user % 10) + ":00", address(user), true);
    return text;
  }
  std::string pending() {
    return query("SELECT address FROM suppression WHERE state = 'pending' ORDER BY address");
  }
  std::string list() {
    return query(
               "SELECT address || kind || state || since || coalesce(until, '') || ref FROM suppression"
               " ORDER BY address, kind") +
           "/" +
           query(
               "SELECT provider || domain || since || opened || coalesce(closed, '') || last || sends || "
               "failed"
               " FROM incident ORDER BY provider, domain, since");
  }

  int sent = 0;
};

TEST_F(IncidentsTest, the_third_living_address_that_fails_opens_one_and_takes_the_first_two_with_it) {
  read(mornings() + outage(0, 2));
  EXPECT_EQ(suppressed(), "u0@h.example u1@h.example") << "two may be dead";
  EXPECT_EQ(query("SELECT count(*) FROM incident"), "0");
  read(outage(2, 3));
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(pending(), "u0@h.example u1@h.example u2@h.example");
  EXPECT_EQ(query("SELECT provider || ' ' || domain || ' ' || sends || ' ' || failed FROM incident"),
            "b.example h.example 3 3");
  EXPECT_EQ(query("SELECT cause FROM audit WHERE act = 'pending' LIMIT 1"),
            "an incident at b.example: addresses that took mail before fail there");
}

TEST_F(IncidentsTest, what_fails_hard_in_one_is_pending_whether_it_took_mail_before_or_not) {
  read(mornings() + outage(0, 5) + send("2026-09-04T08:10:00", "new@h.example", true));
  EXPECT_NE(pending().find("new@h.example"), std::string::npos);
  EXPECT_EQ(suppressed(), "");
  read(send("2026-09-04T08:11:00", "new@other.example", true));
  EXPECT_EQ(suppressed(), "new@other.example") << "another domain of the provider";
}

TEST_F(IncidentsTest, a_delivery_drops_what_is_pending) {
  read(mornings() + outage(0, 5) + send("2026-09-04T20:00:00", address(1), false));
  EXPECT_EQ(pending(), "u0@h.example u2@h.example u3@h.example u4@h.example");
}

TEST_F(IncidentsTest, who_fails_again_days_after_it_is_dead) {
  std::string text = mornings() + outage(0, 5);
  for (const auto day : {"05", "06", "07", "08"})
    for (int user = 1; user < kAddresses; ++user)
      text +=
          send("2026-09-" + std::string(day) + "T08:00:0" + std::to_string(user % 10), address(user), false);
  read(text);
  EXPECT_EQ(query("SELECT closed IS NOT NULL FROM incident"), "1");
  EXPECT_EQ(pending(), "u0@h.example");
  read(send("2026-09-08T09:00:00", address(0), true));
  EXPECT_EQ(suppressed(), address(0));
  EXPECT_EQ(query("SELECT cause FROM audit WHERE act = 'confirmed'"), "it failed hard again");
}

TEST_F(IncidentsTest, a_list_of_addresses_that_never_took_mail_is_bad_although_it_fails_at_once) {
  std::string text;
  for (const auto day : {"01", "02"})
    for (int user = 0; user < 60; ++user)
      text += send("2026-09-" + std::string(day) + "T08:" + std::to_string(10 + user % 40) + ":00",
                   address(user), false);
  for (int user = 0; user < 100; ++user)
    text += send("2026-09-02T08:5" + std::to_string(user % 10) + ":00",
                 "bought" + std::to_string(user) + "@h.example", true);
  config.hard_burst = 20;
  restart();
  read(text, true);
  EXPECT_EQ(query("SELECT count(*) FROM v_suppressed"), "100");
  EXPECT_EQ(pending(), "");
}

TEST_F(IncidentsTest, without_living_addresses_the_brake_holds) {
  std::string text;
  for (int user = 0; user < 100; ++user)
    text += send("2026-09-02T08:5" + std::to_string(user % 10) + ":00",
                 "bought" + std::to_string(user) + "@h.example", true);
  config.hard_burst = 20;
  restart();
  read(text, true);
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(query("SELECT count(*) FROM suppression WHERE state = 'pending'"), "100");
}

TEST_F(IncidentsTest, none_is_looked_for_if_so_configured) {
  config.incidents = false;
  restart();
  read(mornings() + outage(0, 5));
  EXPECT_EQ(query("SELECT count(*) FROM v_suppressed"), "5");
}

TEST_F(IncidentsTest, deliveries_are_not_remembered_if_so_configured) {
  config.remember_deliveries = false;
  restart();
  read(mornings());
  EXPECT_EQ(query("SELECT count(*) FROM recipient"), "0");
  read(outage(0, 5) + send("2026-09-04T20:00:00", address(1), false));
  EXPECT_EQ(suppressed(), "u0@h.example u2@h.example u3@h.example u4@h.example")
      << "of one that failed, a delivery counts";
}

TEST_F(IncidentsTest, it_does_not_matter_where_the_log_is_cut_or_that_it_is_read_again) {
  std::string text = mornings() + outage(0, 8);
  for (int user = 0; user < kAddresses; ++user)
    text += send("2026-09-04T1" + std::to_string(user % 10) + ":00:00", address(user), user % 4 == 0);
  for (const auto day : {"05", "06", "07", "08", "09"})
    for (int user = 0; user < kAddresses; ++user)
      text += send("2026-09-" + std::string(day) + "T08:00:0" + std::to_string(user % 10), address(user),
                   user == 3);
  read(text);
  const auto by_lines = list();
  const auto counts = query(
      "SELECT sum(sends) || ' ' || sum(days) || ' ' || sum(failed) || ' ' || sum(again) FROM known_good");
  start_afresh();
  read(text, true);
  EXPECT_EQ(list(), by_lines);
  EXPECT_EQ(
      query(
          "SELECT sum(sends) || ' ' || sum(days) || ' ' || sum(failed) || ' ' || sum(again) FROM known_good"),
      counts);
  query("DELETE FROM cursor");
  cursor = {};
  read(text, true);
  EXPECT_EQ(list(), by_lines) << "read again";
  EXPECT_EQ(
      query(
          "SELECT sum(sends) || ' ' || sum(days) || ' ' || sum(failed) || ' ' || sum(again) FROM known_good"),
      counts);
}

TEST_F(IncidentsTest, who_is_mailed_on_although_dead_opens_none) {
  std::string text = mornings();
  // One after another dies, and is mailed on, as with milter.mode = monitor; the others take their mail.
  for (int day = 4; day < 30; ++day)
    for (int user = 0; user < kAddresses; ++user)
      text += send("2026-09-" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "T08:00:0" +
                       std::to_string(user % 10),
                   address(user), user < (day - 4) / 4);
  read(text, true);
  EXPECT_EQ(query("SELECT count(*) FROM incident"), "0");
  EXPECT_EQ(query("SELECT count(*) FROM v_suppressed"), "6");
}

TEST_F(IncidentsTest, an_outage_of_a_provider_is_one_of_its_first_domain_and_of_the_rest) {
  std::string text;
  const auto at = [](const char* day, int minute) {
    return "2026-09-" + std::string(day) + (minute < 10 ? "T08:0" : "T08:") + std::to_string(minute) + ":00";
  };
  for (const auto* day : {"01", "02", "03"})
    for (int user = 0; user < 40; ++user)
      for (const auto* domain : {"@h.example", "@i.example", "@k.example"})
        text += send(at(day, user), "u" + std::to_string(user) + domain, false);
  for (int user = 0; user < 40; ++user)
    for (const auto* domain : {"@h.example", "@i.example", "@k.example"})
      text += send(at("04", user), "u" + std::to_string(user) + domain,
                   domain == std::string_view("@h.example") || user % 8 == 5);
  read(text, true);
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(query("SELECT count(*) FROM suppression WHERE state = 'pending'"), "50");
  EXPECT_EQ(query("SELECT provider || ' ' || domain FROM incident ORDER BY domain"),
            "b.example  b.example h.example");
  const auto whole = list();
  start_afresh();
  read(text);
  EXPECT_EQ(list(), whole);
}

TEST_F(IncidentsTest, what_is_opened_or_closed_is_told_once) {
  read(mornings() + outage(0, 5));
  const auto opened = learner->take_incidents();
  ASSERT_EQ(opened.size(), 1U);
  EXPECT_EQ(opened[0].incident.name(), "incident 1 at b.example, h.example");
  EXPECT_FALSE(opened[0].incident.span.closed);
  EXPECT_TRUE(learner->take_incidents().empty());
}

}  // namespace
}  // namespace suppressd
