// What check, show and lift say about an entry past its time.
#include "suppressd/base/time.h"

#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class HalfOpenCtl : public CtlTest {
 protected:
  /// An entry of 30 days that ended ten days ago.
  void fill() {
    const auto day = format_time(wall_clock() - std::chrono::hours(24 * 40));
    ctl({"replay",
         write("mail.log", postfix_message(day.substr(0, 19) + "+00:00", "AAAAAA1", "a@example.com",
                                           "dsn=5.4.1, status=bounced (host mx.example.net[192.0.2.1] "
                                           "said: 550 5.4.1 Recipient address rejected: Access denied. "
                                           "AS(201806281) (in reply to RCPT TO command))"))});
  }
  void probe() {
    sql("INSERT INTO probe VALUES ('a@example.com', 'hard', 'a@example.com', '4XYZ', unixepoch())");
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(HalfOpenCtl, check_accepts_the_next_message_and_refuses_others_while_it_is_out) {
  fill();
  auto ran = ctl({"check", "a@example.com"});
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_TRUE(has(ran.out, "a@example.com: accepted\n  half open: the next message tests the address"))
      << ran.out;
  auto json = ctl({"--json", "check", "a@example.com"}).objects().at(0);
  EXPECT_EQ(json["suppressed"], false);
  EXPECT_EQ(json["half_open"], true);
  EXPECT_EQ(json["probe"], nullptr);
  EXPECT_EQ(json["reply"], nullptr);
  probe();
  ran = ctl({"check", "a@example.com"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(has(ran.out, "half open: message 4XYZ tests the address since ")) << ran.out;
  EXPECT_TRUE(has(ran.out, "550 5.7.1 recipient suppressed: bad-mailbox since ")) << ran.out;
  json = ctl({"--json", "check", "a@example.com"}).objects().at(0);
  EXPECT_EQ(json["suppressed"], true);
  EXPECT_EQ(json["probe"]["queue_id"], "4XYZ");
}

TEST_F(HalfOpenCtl, show_says_so_too) {
  fill();
  EXPECT_TRUE(has(ctl({"show", "a@example.com"}).out, "half open: the next message tests the address"));
  probe();
  const auto shown = ctl({"show", "a@example.com"}).out;
  EXPECT_TRUE(has(shown, "a@example.com is refused")) << shown;
  EXPECT_TRUE(has(shown, "half open: message 4XYZ tests")) << shown;
  EXPECT_EQ(ctl({"--json", "show", "a@example.com"}).objects().at(0)["half_open"], true);
}

TEST_F(HalfOpenCtl, a_lift_ends_it) {
  fill();
  probe();
  EXPECT_EQ(ctl({"lift", "a@example.com"}).status, 0);
  const auto ran = ctl({"check", "a@example.com"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_FALSE(has(ran.out, "half open")) << ran.out;
}

}  // namespace
}  // namespace suppressd::ctl
