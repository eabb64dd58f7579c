#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class ClassifyMessage : public CtlTest {
 protected:
  std::vector<nlohmann::json> objects_of(std::vector<std::string> arguments, std::string_view input = {}) {
    arguments.insert(arguments.begin(), {"--config", path("suppressd.conf"), "classify", "--message"});
    const auto ran = ctl_bare(arguments, input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.objects();
  }
};

const std::string kBounce =
    "Return-Path: <>\n"
    "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\n"
    "To: sender@example.com\n"
    "Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
    "Subject: Undelivered Mail Returned to Sender\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n"
    "\n"
    "--b\n"
    "Content-Type: text/plain\n"
    "\n"
    "Two recipients could not be reached.\n"
    "--b\n"
    "Content-Type: message/delivery-status\n"
    "\n"
    "Reporting-MTA: dns; mx.example.net\n"
    "\n"
    "Final-Recipient: rfc822; Dead@Example.NET\n"
    "Action: failed\n"
    "Status: 5.1.1\n"
    "Remote-MTA: dns; mail.example.net\n"
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n"
    "\n"
    "Final-Recipient: rfc822; slow@example.net\n"
    "Action: delayed\n"
    "Status: 4.4.1\n"
    "\n"
    "--b\n"
    "Content-Type: message/rfc822\n"
    "\n"
    "Return-Path: <sender@example.com>\n"
    "Message-ID: <1@example.com>\n"
    "Suppressd-Trace: v1 something\n"
    "To: dead@example.net\n"
    "\n"
    "Hello\n"
    "--b--\n";

TEST_F(ClassifyMessage, gives_one_object_per_recipient_with_its_file) {
  const auto file = write("bounce.eml", kBounce);
  const auto objects = objects_of({file});
  ASSERT_EQ(objects.size(), 2U);
  const auto& dead = objects[0];
  EXPECT_EQ(dead["file"], file);
  EXPECT_EQ(dead["recipient"], "dead@example.net");
  EXPECT_EQ(dead["category"], "bad-mailbox");
  EXPECT_EQ(dead["action"], "hard");
  EXPECT_FALSE(dead["rule"].is_null());
  EXPECT_EQ(dead["code"], 550);
  EXPECT_EQ(dead["status"], "5.1.1");
  EXPECT_EQ(dead["provider"], "example.net");
  EXPECT_EQ(dead["fate"], "failed");
  EXPECT_EQ(dead["message_id"], "1@example.com");
  EXPECT_EQ(dead["sender"], "sender@example.com");
  EXPECT_EQ(dead["traced"], true);
  EXPECT_EQ(dead["at"], "2026-11-21T12:00:00Z");
  const auto& slow = objects[1];
  EXPECT_EQ(slow["recipient"], "slow@example.net");
  EXPECT_EQ(slow["category"], "delayed");
  EXPECT_EQ(slow["action"], "none");
}

TEST_F(ClassifyMessage, ordinary_mail_gives_one_object_that_says_so) {
  const auto objects = objects_of(
      {}, "From: anna@example.com\nSubject: lunch\n\nSee you at noon. Mail to bob@example.net failed.\n");
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0]["file"], "-");
  EXPECT_TRUE(objects[0]["recipient"].is_null());
  EXPECT_EQ(objects[0]["category"], "not-a-report");
  EXPECT_EQ(objects[0]["action"], "none");
}

TEST_F(ClassifyMessage, reads_many_files_in_order_and_an_empty_one_too) {
  const auto empty = write("empty.eml", "");
  const auto bounce = write("bounce.eml", kBounce);
  const auto objects = objects_of({empty, bounce});
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0]["file"], empty);
  EXPECT_EQ(objects[0]["category"], "not-a-report");
  EXPECT_EQ(objects[1]["file"], bounce);
}

TEST_F(ClassifyMessage, feedback_that_is_not_a_complaint_costs_nothing) {
  const auto report = [](const std::string& type) {
    return "From: fbl@example.net\nContent-Type: multipart/report; report-type=feedback-report; "
           "boundary=b\n\n--b\n"
           "Content-Type: message/feedback-report\n\nFeedback-Type: " +
           type + "\nOriginal-Rcpt-To: <user@example.net>\nVersion: 1\n\n--b--\n";
  };
  const auto complaint = objects_of({}, report("abuse")).at(0);
  EXPECT_EQ(complaint["category"], "complaint");
  EXPECT_EQ(complaint["action"], "complaint");
  EXPECT_EQ(complaint["recipient"], "user@example.net");
  for (const std::string type : {"auth-failure", "not-spam", "dmarc", "opt-out"}) {
    const auto object = objects_of({}, report(type)).at(0);
    EXPECT_EQ(object["category"], "not-a-report") << type;
    EXPECT_EQ(object["action"], "none") << type;
    EXPECT_EQ(object["feedback_type"], type);
    EXPECT_EQ(object["recipient"], "user@example.net");
  }
}

TEST_F(ClassifyMessage, explain_shows_which_rule_won) {
  const auto objects = objects_of({"--explain", write("bounce.eml", kBounce)});
  ASSERT_EQ(objects.size(), 2U);
  int won = 0;
  for (const auto& candidate : objects[0]["explain"]) {
    if (candidate["won"] == true) {
      ++won;
      EXPECT_EQ(candidate["rule"], objects[0]["rule"]);
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(objects[0]["subject"], "recipient");
  EXPECT_TRUE(objects[1]["explain"].empty());
  EXPECT_TRUE(objects[1]["subject"].is_null());
}

TEST_F(ClassifyMessage, a_missing_file_is_an_error) {
  const auto ran = ctl_bare({"--config", path("suppressd.conf"), "classify", "--message", path("none.eml")});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("none.eml"), std::string::npos);
}

}  // namespace
}  // namespace suppressd::ctl
