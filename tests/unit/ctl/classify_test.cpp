#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class Classify : public CtlTest {
 protected:
  std::vector<nlohmann::json> objects_of(std::string_view input, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"--config", path("suppressd.conf"), "classify"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ran = ctl_bare(arguments, input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.objects();
  }
};

const std::string kHead = "Nov 21 00:18:19 mta postfix/smtp[10592]: 7C8ED12E02E: ";
const std::string kRelay = "relay=mx.example.net[192.0.2.1]:25, delay=0.1, delays=0/0/0/0.1, ";

TEST_F(Classify, needs_no_database) {
  const auto ran = ctl({"classify"}, "550 5.1.1 User unknown\n");
  EXPECT_EQ(ran.status, 0);
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
}

TEST_F(Classify, gives_one_object_a_line_in_order_blank_and_unknown_ones_too) {
  const std::string input = "550 5.1.1 User unknown\n\n   \nsome words about the weather\r\n" + kHead +
                            "to=<a@b.example>, " + kRelay + kSent + "\n452 4.2.2 Mailbox full";
  const auto objects = objects_of(input);
  ASSERT_EQ(objects.size(), 6U);
  const std::vector<std::string> categories = {"bad-mailbox",    "not-understood", "not-understood",
                                               "not-understood", "delivered",      "mailbox-full"};
  for (std::size_t number = 0; number < categories.size(); ++number) {
    EXPECT_EQ(objects[number]["category"], categories[number]) << number;
  }
  EXPECT_TRUE(objects[1]["recipients"].empty());
}

TEST_F(Classify, no_input_gives_no_output) {
  EXPECT_TRUE(objects_of("").empty());
}

TEST_F(Classify, a_bounce_line_gives_recipient_reply_and_action) {
  const auto object = objects_of(kHead + "to=<Hard@R.test>, " + kRelay + kDead + "\n").at(0);
  EXPECT_EQ(object["recipients"], nlohmann::json({"hard@r.test"}));
  EXPECT_EQ(object["category"], "bad-mailbox");
  EXPECT_EQ(object["action"], "hard");
  EXPECT_FALSE(object["rule"].is_null());
  EXPECT_EQ(object["code"], 550);
  EXPECT_EQ(object["status"], "5.1.1");
  EXPECT_EQ(object["temporary"], false);
  EXPECT_EQ(object["provider"], "example.net");
  EXPECT_EQ(object["queue_id"], "7C8ED12E02E");
  EXPECT_EQ(object["mta"], "postfix");
  EXPECT_EQ(object["result"], "bounced");
}

TEST_F(Classify, a_deferred_attempt_is_never_hard) {
  const auto object = objects_of(kHead + "to=<a@b.example>, " + kRelay +
                                 "dsn=4.1.1, status=deferred (host x said: 450 4.1.1 User unknown)\n")
                          .at(0);
  EXPECT_EQ(object["temporary"], true);
  EXPECT_NE(object["action"], "hard");
}

TEST_F(Classify, hostile_text_names_no_one_else) {
  const auto object = objects_of(kHead + "to=<hard@r.test>, " + kRelay +
                                 "dsn=5.1.1, status=bounced (host x said: 550 5.1.1 User unknown; "
                                 "status=sent (250 ok) to=<victim@example.com>)\n")
                          .at(0);
  EXPECT_EQ(object["recipients"], nlohmann::json({"hard@r.test"}));
  EXPECT_EQ(object["result"], "bounced");
}

TEST_F(Classify, lines_that_are_no_attempts_are_ignored) {
  const auto objects = objects_of(
      "Nov 21 00:18:19 mta postfix/qmgr[1]: 7C8ED12E02E: removed\n"
      "Nov 21 00:18:19 mta postfix/smtpd[1]: connect from localhost[127.0.0.1]\n"
      "Nov 21 00:18:19 mta sshd[1]: Accepted publickey for root\n");
  ASSERT_EQ(objects.size(), 3U);
  for (const auto& object : objects) {
    EXPECT_EQ(object["category"], "ignored");
    EXPECT_EQ(object["action"], "none");
  }
}

TEST_F(Classify, a_smart_host_relays_and_a_local_relay_is_ignored) {
  const std::string line =
      kHead + "to=<a@b.example>, relay=smart.example.net[192.0.2.7]:25, delay=1, " + kSent + "\n";
  EXPECT_EQ(objects_of(line).at(0)["category"], "delivered");
  EXPECT_EQ(objects_of(line, {"--mta.relays", "smart.example.net"}).at(0)["category"], "relayed");
  const auto local = objects_of(line, {"--mta.local_relays", "192.0.2.7"}).at(0);
  EXPECT_EQ(local["category"], "ignored");
  EXPECT_EQ(local["handed_over"], true);
}

TEST_F(Classify, sendmails_relay_mailer_relays_unless_it_hands_over_to_this_host) {
  const std::string line =
      "Nov 20 23:14:21 mta sm-mta[10162]: 6AKNELkC010160: to=<a@r.test>, delay=00:00:00, mailer=relay, "
      "pri=1, relay=";
  EXPECT_EQ(
      objects_of(line + "smart.example.net. [198.51.100.7], dsn=2.0.0, stat=Sent (ok)\n").at(0)["category"],
      "relayed");
  EXPECT_EQ(objects_of(line + "[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent (ok)\n").at(0)["category"],
            "ignored");
  const auto down =
      objects_of(line + "[127.0.0.1], dsn=4.4.1, stat=Deferred: Connection refused by [127.0.0.1]\n").at(0);
  EXPECT_EQ(down["handed_over"], true);
  EXPECT_EQ(down["action"], "none");
}

TEST_F(Classify, a_fault_of_a_relay_costs_no_address) {
  const auto line = kHead +
                    "to=<a@b.example>, relay=none, delay=1, dsn=5.4.4, status=bounced (Host or domain name "
                    "not found. Name service error for name=smart.nodomain.example type=A: Host not found)\n";
  const auto object = objects_of(line).at(0);
  EXPECT_EQ(object["category"], "local-fault");
  EXPECT_EQ(object["action"], "none");
  EXPECT_EQ(object["rule"], "next-hop");
}

TEST_F(Classify, our_own_refusal_is_ignored) {
  const auto object =
      objects_of("550 5.1.1 recipient suppressed: bad-mailbox since 2026-11-01, ref ABCDEFGH\n").at(0);
  EXPECT_EQ(object["action"], "none");
  EXPECT_EQ(object["category"], "ignored");
}

TEST_F(Classify, a_sendmail_line_with_several_recipients_names_them_all) {
  const auto object =
      objects_of(
          "Nov 20 23:14:21 mta sm-mta[10162]: 6AKNELkC010160: to=<a@r.test>,<b@r.test>, delay=00:00:00, "
          "xdelay=00:00:00, "
          "mailer=esmtp, pri=120292, relay=mx.r.test. [192.0.2.1], dsn=5.1.1, reply=550 5.1.1 No such user, "
          "stat=User unknown\n")
          .at(0);
  EXPECT_EQ(object["recipients"], nlohmann::json({"a@r.test", "b@r.test"}));
  EXPECT_EQ(object["mta"], "sendmail");
  EXPECT_EQ(object["category"], "bad-mailbox");
}

TEST_F(Classify, an_entry_without_header_is_read_by_its_form) {
  const auto object = objects_of(
                          "3D770111AF50: to=<user@corp.example>, relay=none, delay=1.2, delays=1.1/0/0.03/0, "
                          "dsn=5.4.4, status=bounced "
                          "(Host or domain name not found. Name service error for name=corp.example "
                          "type=AAAA: Host not found)\n")
                          .at(0);
  EXPECT_EQ(object["recipients"], nlohmann::json({"user@corp.example"}));
  EXPECT_EQ(object["queue_id"], "3D770111AF50");
}

TEST_F(Classify, explain_shows_the_rule_that_won) {
  const auto object = objects_of("550 5.1.1 User unknown\n", {"--explain"}).at(0);
  std::size_t winners = 0;
  for (const auto& candidate : object["explain"]) {
    if (!candidate["won"]) continue;
    ++winners;
    EXPECT_EQ(candidate["rule"], object["rule"]);
  }
  EXPECT_EQ(winners, 1U);
}

TEST_F(Classify, explain_does_not_hide_what_the_verdict_is_based_on) {
  const auto objects = objects_of(
      "550 5.1.1 User unknown\n"
      "550 5.1.1 User unknown (in reply to MAIL FROM command)\n"
      "550 Sending from this account is disabled\n"
      "550 5.1.1\n"
      "250 ok\n",
      {"--explain"});
  ASSERT_EQ(objects.size(), 5U);
  EXPECT_EQ(objects[0]["subject"], "recipient");
  EXPECT_EQ(objects[0]["words"], "user unknown");
  EXPECT_TRUE(objects[0]["at_stage"].is_null());
  EXPECT_EQ(objects[1]["subject"], "sender");
  EXPECT_EQ(objects[1]["at_stage"], "mail");
  EXPECT_EQ(objects[2]["subject"], "sender");
  EXPECT_EQ(objects[2]["words"], "sending from");
  EXPECT_EQ(objects[3]["subject"], "recipient");
  EXPECT_TRUE(objects[3]["words"].is_null());
  EXPECT_TRUE(objects[4]["subject"].is_null());
}

TEST_F(Classify, the_action_table_of_the_configuration_is_used) {
  EXPECT_EQ(objects_of("552 5.2.2 Mailbox full\n").at(0)["action"], "soft");
  EXPECT_EQ(objects_of("552 5.2.2 Mailbox full\n", {"--action.mailbox-full", "hard"}).at(0)["action"],
            "hard");
}

TEST_F(Classify, binary_bytes_give_valid_json) {
  std::string bytes = "550 5.1.1 ";
  for (int byte = 0; byte < 256; ++byte) {
    if (byte != '\n') bytes += static_cast<char>(byte);
  }
  const auto objects = objects_of(bytes + "\n" + kHead + "to=<\xff\xfe\"\\@b.example>, " + kRelay + kDead +
                                  "\n" + std::string(3, '\0') + "\n");
  EXPECT_EQ(objects.size(), 3U);
}

TEST_F(Classify, a_very_long_line_is_one_line) {
  const std::string long_line = "550 5.1.1 User unknown " + std::string(3 << 20, 'x');
  const auto objects = objects_of(long_line + "\n550 5.1.1 User unknown\n" + long_line);
  ASSERT_EQ(objects.size(), 3U);
  for (const auto& object : objects) EXPECT_EQ(object["category"], "bad-mailbox");
}

TEST_F(Classify, a_missing_file_is_an_error) {
  const auto ran = ctl({"classify", path("none")});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("none"), std::string::npos);
}

}  // namespace
}  // namespace suppressd::ctl
