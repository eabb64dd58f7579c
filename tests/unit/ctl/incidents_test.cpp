#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

/// Thirty addresses of a provider take mail for some days, and are then all called dead within a minute.
class Incidents : public CtlTest {
 protected:
  static std::string user(int number) { return "user" + std::to_string(number) + "@example.net"; }
  static std::string log(const std::string& relay = "mx.example.net[192.0.2.1]:25") {
    std::string lines;
    const auto to_all = [&](const std::string& minute, const std::string& id, const std::string& answer) {
      for (int number = 10; number < 40; ++number)
        lines += postfix_message(minute + std::to_string(number) + "+00:00", id + std::to_string(number),
                                 user(number), answer, relay);
    };
    for (int day = 15; day < 20; ++day)
      to_all("2026-11-" + std::to_string(day) + "T10:00:", "AAAAA" + std::to_string(day), kSent);
    for (int number = 10; number < 40; ++number)
      lines += postfix_message(
          "2026-11-20T10:00:" + std::to_string(number) + "+00:00", "BBBBB" + std::to_string(number),
          user(number),
          "dsn=5.1.1, status=bounced (host " + relay.substr(0, relay.rfind(':')) + " said: 550 5.1.1 <" +
              user(number) + ">: user lookup success but no user record found (in reply to RCPT TO command))",
          relay);
    return lines;
  }
  void SetUp() override { learn(log()); }
  void learn(const std::string& lines) {
    const auto ran = ctl({"replay", write("mail.log", lines)});
    ASSERT_EQ(ran.status, 0) << ran.err;
  }
  std::size_t pending() { return ctl({"--json", "list", "--pending"}).lines().size(); }
  bool says(const Ran& ran, const std::string& words) { return ran.out.find(words) != std::string::npos; }
};

TEST_F(Incidents, an_outage_is_listed_and_refuses_no_one) {
  const auto ran = ctl({"incidents"});
  EXPECT_EQ(ran.status, 0);
  ASSERT_EQ(ran.lines().size(), 3U) << ran.out;
  EXPECT_EQ(ran.lines()[0],
            "NUMBER  STATE  KIND      PROVIDER     OF           SINCE                 CLOSED  SENDS  FAILED  "
            "PENDING");
  EXPECT_EQ(ran.lines()[2], "1 incident, 1 open, 1 unread; suppressctl incidents show NUMBER tells more");
  const auto listed = ctl({"--json", "incidents", "--open", "--unread"}).objects();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["id"], 1);
  EXPECT_EQ(listed[0]["state"], "open");
  EXPECT_EQ(listed[0]["provider"], "example.net");
  EXPECT_EQ(listed[0]["domain"], "example.net");
  EXPECT_TRUE(listed[0]["closed"].is_null());
  EXPECT_EQ(listed[0]["failed"], 30);
  EXPECT_EQ(listed[0]["pending"], 30);
  EXPECT_EQ(listed[0]["read"], false);
  EXPECT_FALSE(is_refused(user(10)));
  EXPECT_FALSE(is_refused(user(39)));
}

TEST_F(Incidents, show_says_what_the_servers_said_to_whom_and_what_to_do) {
  const auto ran = ctl({"incidents", "show", "1"});
  EXPECT_EQ(ran.status, 0);
  for (const auto* words : {"Incident 1 at example.net, mailboxes of example.net: open",
                            "30 of them failed hard", "30 entries are pending",
                            "  30 times, 2026-11-20T10:00:10Z to 2026-11-20T10:00:39Z, 550 5.1.1, rule ",
                            "<{address}>: user lookup success but no user record found", "  mta: 30 times",
                            "  user10@example.net\n", "(20 more: suppressctl list --incident 1)",
                            "suppressctl incidents drop 1", "postmaster@example.net"})
    EXPECT_TRUE(says(ran, words)) << words << " is not in\n" << ran.out;
  EXPECT_FALSE(says(ran, "  user20@example.net")) << "only the first ten";
  const auto json = ctl({"--json", "incidents", "show", "1"}).objects().at(0);
  EXPECT_EQ(json["replies"].size(), 1U);
  EXPECT_EQ(json["replies"][0]["count"], 30);
  EXPECT_EQ(json["hosts"][0]["host"], "mta");
  EXPECT_EQ(json["addresses"].size(), 10U);
}

TEST_F(Incidents, check_show_and_list_name_the_incident_of_a_pending_entry) {
  EXPECT_TRUE(says(ctl({"check", user(10)}), "held by incident 1: recorded"));
  EXPECT_TRUE(says(ctl({"show", user(10)}), "(suppressctl incidents show 1)"));
  EXPECT_TRUE(says(ctl({"list", "--pending"}), "PENDING BY")) << ctl({"list", "--pending"}).out;
  EXPECT_EQ(ctl({"--json", "list", "--pending"}).objects().at(0)["pending_by"], "incident 1");
  EXPECT_EQ(ctl({"--json", "show", user(10)}).objects().at(0)["entries"][0]["pending_by"], "incident 1");
  EXPECT_EQ(ctl({"--json", "list", "--incident", "1"}).lines().size(), 30U);
  EXPECT_EQ(ctl({"--json", "list", "--incident", "2"}).lines().size(), 0U);
}

TEST_F(Incidents, confirm_puts_all_in_force_and_can_be_taken_back) {
  const auto confirmed =
      ctl({"--json", "incidents", "confirm", "1", "--note", "the domain is gone"}).objects();
  ASSERT_EQ(confirmed.size(), 30U);
  EXPECT_EQ(confirmed[0]["confirmed"], true);
  EXPECT_TRUE(is_refused(user(10)));
  EXPECT_TRUE(is_refused(user(39)));
  const auto change = ctl({"--json", "show", user(10)}).objects().at(0)["audit"].back();
  EXPECT_EQ(change["act"], "confirmed");
  EXPECT_EQ(change["cause"], "the domain is gone");
  EXPECT_EQ(ctl({"incidents", "confirm", "1"}).status, 1);
  ctl({"undo", "--revert", std::to_string(confirmed[0]["number"].get<int>())});
  EXPECT_FALSE(is_refused(user(10)));
  EXPECT_EQ(pending(), 30U);
}

TEST_F(Incidents, drop_lifts_all_and_can_be_taken_back) {
  const auto ran = ctl({"incidents", "drop", "1", "--note", "they had an outage"});
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_TRUE(says(ran, "30 addresses: 30 dropped")) << ran.out;
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ(ctl({"--json", "show", user(10)}).objects().at(0)["audit"].back()["act"], "lifted");
  EXPECT_EQ(ctl({"incidents", "drop", "1"}).out, "nothing is pending in incident 1\n");
  EXPECT_EQ(ctl({"incidents", "drop", "1"}).status, 1);
  ctl({"undo", "--revert", "1"});
  EXPECT_EQ(pending(), 30U);
}

TEST_F(Incidents, drop_lifts_no_other_entry_of_an_address) {
  ctl({"add", "--kind", "complaint", user(10)});
  const auto ran = ctl({"incidents", "drop", "1"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(says(ran, "30 addresses: 1 not dropped, 29 dropped")) << ran.out;
  EXPECT_TRUE(is_refused(user(10)));
  EXPECT_EQ(pending(), 1U);
}

TEST_F(Incidents, a_dry_run_changes_nothing) {
  for (const auto* act : {"confirm", "drop"}) {
    const auto ran = ctl({"incidents", act, "1", "--dry-run"});
    EXPECT_EQ(ran.status, 0);
    EXPECT_TRUE(says(ran, "30 would be")) << ran.out;
    EXPECT_EQ(ctl({"--json", "incidents", act, "1", "--dry-run"}).objects().at(0)["dry_run"], true);
  }
  EXPECT_EQ(pending(), 30U);
  EXPECT_FALSE(is_refused(user(10)));
}

TEST_F(Incidents, what_was_read_is_not_listed_as_unread) {
  EXPECT_EQ(ctl({"incidents", "read", "1"}).status, 0);
  EXPECT_EQ(ctl({"incidents", "--unread"}).out, "no unread incident\n");
  EXPECT_EQ(ctl({"incidents", "read", "1"}).status, 1);
  EXPECT_EQ(ctl({"incidents", "read", "--all"}).status, 1);
  EXPECT_EQ(ctl({"--json", "incidents"}).objects().at(0)["read"], true);
  sql("UPDATE incident SET read = 0");
  EXPECT_EQ(ctl({"--json", "incidents", "read", "--all"}).objects().at(0)["changed"], true);
}

TEST_F(Incidents, close_ends_one_and_says_who_did_it) {
  EXPECT_EQ(ctl({"incidents", "close", "1"}).out, "incident 1: closed\n");
  EXPECT_EQ(ctl({"incidents", "--open"}).out, "no open incident\n");
  EXPECT_FALSE(ctl({"--json", "incidents"}).objects().at(0)["closed_by"].is_null());
  EXPECT_EQ(ctl({"incidents", "close", "1"}).status, 1);
  EXPECT_EQ(pending(), 30U) << "what failed in it stays pending";
  learn(log() + postfix_message("2026-11-20T10:00:50+00:00", "DDDDDD1", "late@example.net", kDead));
  EXPECT_EQ(ctl({"incidents", "--open"}).out, "no open incident\n")
      << "it is not opened again by its own time";
  EXPECT_EQ(pending(), 31U);
}

TEST_F(Incidents, an_unknown_number_is_an_error_that_says_what_lists_them) {
  for (const auto* command : {"show", "confirm", "drop", "read", "close"}) {
    const auto ran = ctl({"incidents", command, "7"});
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.err, "suppressctl: there is no incident 7 (suppressctl incidents lists them)\n");
  }
}

TEST_F(Incidents, a_wrong_command_line_is_an_error) {
  EXPECT_NE(ctl({"incidents", "shwo", "1"}).err.find("unknown command shwo"), std::string::npos)
      << ctl({"incidents", "shwo", "1"}).err;
  EXPECT_EQ(ctl({"incidents", "show"}).status, 2);
  EXPECT_EQ(ctl({"incidents", "show", "0"}).status, 2);
  EXPECT_EQ(ctl({"incidents", "read"}).status, 2);
  EXPECT_EQ(ctl({"incidents", "read", "1", "--all"}).status, 2);
}

class NoIncidentsYet : public Incidents {
 protected:
  void SetUp() override {}
};

TEST_F(NoIncidentsYet, show_names_the_page_of_a_known_provider) {
  learn(log("mx01.mail.icloud.com[192.0.2.7]:25"));
  const auto ran = ctl({"incidents", "show", "1"});
  EXPECT_TRUE(says(ran, "Incident 1 at icloud.com, mailboxes of example.net")) << ran.out;
  EXPECT_TRUE(says(ran, "https://support.apple.com/")) << ran.out;
}

TEST_F(NoIncidentsYet, a_listed_host_is_told_with_where_to_look_and_costs_no_address) {
  std::string lines;
  for (int number = 10; number < 35; ++number)
    lines += postfix_message(
        "2026-11-20T10:00:" + std::to_string(number) + "+00:00", "BBBBB" + std::to_string(number),
        user(number),
        "dsn=5.7.1, status=bounced (host mx.example.net[192.0.2.1] said: 554 5.7.1 Service "
        "unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org (in reply to RCPT "
        "TO command))");
  learn(lines);
  const auto listed = ctl({"--json", "incidents"}).objects();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["kind"], "sender");
  EXPECT_EQ(listed[0]["host"], "mta");
  EXPECT_EQ(listed[0]["failed"], 25);
  EXPECT_EQ(listed[0]["pending"], 0);
  const auto ran = ctl({"incidents", "show", "1"});
  for (const auto* words :
       {"Incident 1 at example.net, of our host mta: ", "25 of 25 sends within an hour were refused",
        "25 recipients are concerned", "Client host [192.0.2.9] blocked using zen.spamhaus.org",
        "  mta: 25 times", "https://check.spamhaus.org/", "postmaster@example.net"})
    EXPECT_TRUE(says(ran, words)) << words << " is not in\n" << ran.out;
  EXPECT_EQ(ctl({"undo", "--incident", "1"}).status, 2);
  EXPECT_FALSE(is_refused(user(10)));
}

TEST_F(NoIncidentsYet, only_the_brake_acts_if_incidents_are_not_looked_for) {
  ctl({"replay", "--incident.provider", "false", "--hard.burst", "5", write("mail.log", log())});
  EXPECT_EQ(ctl({"incidents"}).out, "no incident\n");
  EXPECT_EQ(ctl({"incidents"}).status, 0);
  EXPECT_EQ(pending(), 30U);
  EXPECT_EQ(ctl({"--json", "list", "--pending"}).objects().at(0)["pending_by"], "brake");
  EXPECT_TRUE(says(ctl({"show", user(10)}), "example.net called very many mailboxes dead at once"));
}

TEST_F(Incidents, an_undo_of_one_is_of_its_place_and_time) {
  learn(postfix_message("2026-11-20T10:01:00+00:00", "CCCCCC1", "dead@other.example", kDead) +
        postfix_message("2026-11-18T10:01:00+00:00", "CCCCCC2", "before@example.net", kDead));
  ASSERT_TRUE(is_refused("dead@other.example"));
  ASSERT_TRUE(is_refused("before@example.net"));
  const auto lost = ctl({"--json", "undo", "--incident", "1", "--lost"}).objects();
  EXPECT_EQ(lost.size(), 30U);
  EXPECT_EQ(ctl({"--json", "undo", "--incident", "1", "--dry-run"}).objects().back()["lifted"], 30);
  EXPECT_EQ(pending(), 30U);
  const auto ran = ctl({"undo", "--incident", "1"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(says(ran, "30 entries lifted; to take it back: suppressctl undo --revert ")) << ran.out;
  EXPECT_TRUE(says(ran, "incident 1 is still open")) << ran.out;
  EXPECT_EQ(pending(), 0U);
  EXPECT_TRUE(is_refused("dead@other.example")) << "another domain at the same provider";
  EXPECT_TRUE(is_refused("before@example.net")) << "another day";
  const auto history = ctl({"show", user(10)}).out;
  EXPECT_NE(history.find("at example.net, mailboxes of example.net"), std::string::npos) << history;
}

TEST_F(Incidents, an_undo_of_one_can_be_taken_back_and_holds_for_a_log_that_is_read_later) {
  const auto number = ctl({"--json", "undo", "--incident", "1"}).objects().back()["number"].get<int>();
  learn(log() + postfix_message("2026-11-20T10:00:50+00:00", "DDDDDD1", "late@example.net", kDead));
  EXPECT_EQ(pending(), 0U);
  EXPECT_FALSE(is_refused("late@example.net"));
  EXPECT_EQ(ctl({"--json", "undo", "--revert", std::to_string(number)}).objects().back()["restored"], 31);
  EXPECT_EQ(pending(), 31U);
}

TEST_F(Incidents, an_undo_of_an_unknown_one_or_with_other_hours_is_refused) {
  const auto unknown = ctl({"undo", "--incident", "99"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_TRUE(unknown.err.find("99") != std::string::npos) << unknown.err;
  for (const auto* option : {"--since", "--until", "--provider", "--revert"})
    EXPECT_EQ(ctl({"undo", "--incident", "1", option, "1"}).status, 2) << option;
  EXPECT_EQ(ctl({"undo", "--incident", "0"}).status, 2);
  EXPECT_EQ(ctl({"undo", "--incident", ""}).status, 2);
  EXPECT_EQ(pending(), 30U);
}

}  // namespace
}  // namespace suppressd::ctl
