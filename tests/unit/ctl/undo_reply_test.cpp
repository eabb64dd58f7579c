#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

std::string said(const std::string& reply) {
  return "dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.1] said: " + reply +
         " (in reply to RCPT TO command))";
}

/// In one hour of one provider, two addresses fail by a broken look-up and one because it is dead.
class UndoByReply : public CtlTest {
 protected:
  void SetUp() override {
    learn(postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "one@example.net", lookup("one")) +
          postfix_message("2026-11-01T10:10:00+00:00", "AAAAAA2", "two@example.net", lookup("two")) +
          postfix_message("2026-11-01T10:20:00+00:00", "AAAAAA3", "dead@example.net", kDead));
  }
  static std::string lookup(const std::string& user) {
    return said("550 5.1.1 <" + user + "@example.net>: user lookup success but no user record found, id " +
                user + "4711abc");
  }
  void learn(const std::string& log) {
    const auto ran = ctl({"replay", write("mail.log", log)});
    ASSERT_EQ(ran.status, 0) << ran.err;
  }
  Ran undo(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"--json", "undo"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ctl(arguments);
  }
  const std::string reply_ =
      "550 5.1.1 <one@example.net>: user lookup success but no user record found, id one4711abc";
  const std::vector<std::string> hour_ = {"--since",          "2026-11-01T10:00", "--until",
                                          "2026-11-01T11:00", "--text",           reply_};
};

TEST_F(UndoByReply, lifts_whom_the_server_said_the_same_of_and_no_one_else) {
  const auto ran = undo(hour_);
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.objects().back()["lifted"], 2);
  EXPECT_FALSE(is_refused("one@example.net"));
  EXPECT_FALSE(is_refused("two@example.net"));
  EXPECT_TRUE(is_refused("dead@example.net"));
  learn(postfix_message("2026-11-01T10:30:00+00:00", "AAAAAA4", "dead@example.net", kSent) +
        postfix_message("2026-11-01T10:40:00+00:00", "AAAAAA5", "one@example.net", kSent) +
        postfix_message("2026-11-01T10:50:00+00:00", "AAAAAA6", "one@example.net", kDead));
  EXPECT_TRUE(is_refused("one@example.net")) << "another reply, in the same hour";
  EXPECT_FALSE(is_refused("two@example.net")) << "also after the next fold";
}

TEST_F(UndoByReply, the_form_that_incidents_show_prints_is_the_same_reply) {
  auto hour = hour_;
  hour.back() = "550 5.1.1 <{address}>:  user lookup success but no user record found, id {id}";
  EXPECT_EQ(undo(hour).objects().back()["lifted"], 2);
}

TEST_F(UndoByReply, failures_that_are_read_later_are_taken_out_too) {
  undo(hour_);
  learn(postfix_message("2026-11-01T10:05:00+00:00", "BBBBBB1", "late@example.net", lookup("late")) +
        postfix_message("2026-11-01T10:06:00+00:00", "BBBBBB2", "other@example.net", kDead) +
        postfix_message("2026-11-01T12:00:00+00:00", "BBBBBB3", "after@example.net", lookup("after")));
  EXPECT_FALSE(is_refused("late@example.net"));
  EXPECT_TRUE(is_refused("other@example.net"));
  EXPECT_TRUE(is_refused("after@example.net"));
}

// The list is a function of the set of events: an undo before the log is read and one after it give the same.
TEST_F(UndoByReply, it_does_not_matter_whether_the_log_is_read_before_or_after) {
  undo(hour_);
  const auto list = ctl({"--json", "list"}).out;
  const auto other = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--config", path("suppressd.conf"), "--db", path("other.db")});
    return ctl_bare(arguments);
  };
  other({"exempt", "add", "x@example.org"});
  auto arguments = hour_;
  arguments.insert(arguments.begin(), "undo");
  ASSERT_EQ(other(arguments).status, 0);
  ASSERT_EQ(other({"replay", path("mail.log")}).status, 0);
  EXPECT_EQ(other({"--json", "list"}).out, list);
}

TEST_F(UndoByReply, can_be_tried_and_taken_back) {
  auto dry = hour_;
  dry.emplace_back("--dry-run");
  const auto before = ctl({"dump", "--list"}).out;
  EXPECT_EQ(undo(dry).objects().back()["lifted"], 2);
  EXPECT_EQ(ctl({"dump", "--list"}).out, before);
  const auto number = undo(hour_).objects().back()["number"].get<int>();
  EXPECT_EQ(undo({"--revert", std::to_string(number)}).objects().back()["restored"], 2);
  EXPECT_TRUE(is_refused("one@example.net"));
  EXPECT_TRUE(is_refused("two@example.net"));
}

TEST_F(UndoByReply, of_a_reply_that_nobody_gave_lifts_nothing_and_says_what_was_compared) {
  auto hour = hour_;
  hour.back() = "550 no such <x@example.net>";
  hour.insert(hour.begin(), "undo");
  const auto ran = ctl(hour);
  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.out.find("with the reply \"550 no such <{address}>\""), std::string::npos) << ran.out;
  EXPECT_TRUE(is_refused("one@example.net"));
}

TEST_F(UndoByReply, a_reply_of_blanks_or_without_a_time_is_refused) {
  const auto before = ctl({"dump"}).out;
  EXPECT_EQ(undo({"--since", "2026-11-01", "--text", " "}).status, 2);
  EXPECT_EQ(undo({"--since", "2026-11-01", "--text", ""}).status, 2);
  EXPECT_EQ(undo({"--text", reply_}).status, 2);
  EXPECT_EQ(undo({"--revert", "1", "--text", reply_}).status, 2);
  EXPECT_EQ(ctl({"dump"}).out, before);
}

TEST_F(UndoByReply, the_sends_that_were_lost_are_listed_and_nothing_changes) {
  learn(postfix_message(
            "2026-11-01T10:25:00+00:00", "AAAAAA7", "blocked@example.net",
            "dsn=5.7.1, status=bounced (host mx.example.net[192.0.2.1] said: 554 5.7.1 Service "
            "unavailable; client host blocked using zen.spamhaus.org (in reply to RCPT TO command))") +
        postfix_message("2026-11-01T10:26:00+00:00", "AAAAAA8", "sent@example.net", kSent));
  const auto before = ctl({"dump"}).out;
  const auto all = undo({"--since", "2026-11-01T10:00", "--until", "2026-11-01T11:00", "--lost"});
  ASSERT_EQ(all.status, 0) << all.err;
  const auto sends = all.objects();
  ASSERT_EQ(sends.size(), 4U);
  EXPECT_EQ(sends[0]["at"], "2026-11-01T10:00:00Z");
  EXPECT_EQ(sends[0]["queue_id"], "AAAAAA1");
  EXPECT_EQ(sends[0]["sender"], "app@example.test");
  EXPECT_EQ(sends[0]["address"], "one@example.net");
  EXPECT_EQ(sends[3]["category"], "blocked") << "it cost no address, but the mail is lost as well";
  auto some = hour_;
  some.emplace_back("--lost");
  EXPECT_EQ(undo(some).objects().size(), 2U);
  some.insert(some.begin(), "undo");
  const auto people = ctl(some).lines();
  ASSERT_EQ(people.size(), 3U);
  EXPECT_EQ(people[0],
            "2026-11-01T10:00:00Z  AAAAAA1  from=<app@example.test>  to=<one@example.net>  bad-mailbox");
  EXPECT_EQ(people[2], "2 sends failed; nothing was changed");
  EXPECT_EQ(ctl({"dump"}).out, before);
  undo(hour_);
  some.erase(some.begin());
  EXPECT_EQ(undo(some).objects().size(), 2U) << "also after the undo";
  EXPECT_EQ(undo({"--revert", "1", "--lost"}).status, 2);
  EXPECT_EQ(undo({"--lost"}).status, 2);
}

// Deferred for 72 hours and more, the message is still in the queue.
TEST_F(UndoByReply, a_message_that_is_still_in_the_queue_is_not_lost) {
  std::string log;
  for (int day = 1; day <= 5; ++day)
    log += "2026-10-0" + std::to_string(day) +
           "T10:00:00+00:00 mta postfix/smtp[1]: CCCCCC1: to=<full@example.net>, "
           "relay=mx.example.net[192.0.2.1]:25, delay=" +
           std::to_string(86400 * (day - 1) + 1) +
           ", delays=1/0/0/0, dsn=4.2.2, status=deferred (host mx.example.net[192.0.2.1] said: 452 4.2.2 "
           "Mailbox full (in reply to RCPT TO command))\n";
  learn(log);
  ASSERT_EQ(ctl({"--json", "show", "full@example.net"}).objects().at(0)["streak"], 1);
  const std::vector<std::string> days = {"--since", "2026-10-01", "--until", "2026-10-10", "--lost"};
  EXPECT_EQ(undo(days).objects().size(), 0U);
  learn(log +
        "2026-10-06T10:00:00+00:00 mta postfix/qmgr[1]: CCCCCC1: from=<app@example.test>, "
        "status=expired, returned to sender\n");
  EXPECT_EQ(undo(days).objects().size(), 1U);
}

TEST_F(UndoByReply, without_a_database_says_so) {
  const auto ran = ctl_bare({"--db", path("none.db"), "undo", "--since", "2h", "--lost"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("there is no database"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace suppressd::ctl
