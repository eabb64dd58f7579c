#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class Enforcement : public CtlTest {
 protected:
  void SetUp() override { ctl({"add", "a@b.example"}); }
  nlohmann::json status() { return ctl({"--json", "enforcement", "status"}).objects().at(0); }
  bool says(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
  }
};

TEST_F(Enforcement, is_on_until_it_is_turned_off_and_on_again_when_that_is_ended) {
  EXPECT_EQ(ctl({"enforcement", "status"}).out, "enforcement is on\n");
  EXPECT_EQ(ctl({"enforcement", "on"}).status, 1) << "it was not off";
  const auto off = ctl({"enforcement", "off", "--for", "2h", "--note", "ticket 4711"});
  ASSERT_EQ(off.status, 0) << off.err;
  EXPECT_TRUE(says(off.out, "enforcement is off until ")) << off.out;
  EXPECT_TRUE(says(off.out, "(ticket 4711): recipients on the list are accepted, and recorded")) << off.out;
  EXPECT_EQ(ctl({"enforcement", "status"}).status, 1);
  EXPECT_EQ(status()["enforcement"], "off");
  EXPECT_EQ(status()["note"], "ticket 4711");
  EXPECT_EQ(ctl({"enforcement", "on", "--note", "solved"}).status, 0);
  EXPECT_EQ(ctl({"enforcement", "status"}).status, 0);
  EXPECT_TRUE(status()["until"].is_null());
}

TEST_F(Enforcement, check_says_that_the_refusal_has_no_effect) {
  EXPECT_EQ(ctl({"--json", "check", "a@b.example"}).objects().at(0)["enforced"], true);
  ctl({"enforcement", "off", "--for", "30m"});
  const auto ran = ctl({"check", "a@b.example"});
  EXPECT_EQ(ran.status, 1) << "as in monitor mode";
  EXPECT_TRUE(says(ran.out, "enforcement is off until ")) << ran.out;
  EXPECT_TRUE(says(ran.out, "suppressctl enforcement on")) << ran.out;
  EXPECT_EQ(ctl({"--json", "check", "a@b.example"}).objects().at(0)["enforced"], false);
  EXPECT_EQ(ctl({"check", "other@b.example"}).out, "other@b.example: accepted\n");
}

TEST_F(Enforcement, a_second_time_replaces_the_first_one) {
  ctl({"enforcement", "off", "--for", "2h"});
  const auto first = status()["until"];
  ctl({"enforcement", "off", "--for", "1h"});
  EXPECT_LT(status()["until"].get<std::string>(), first.get<std::string>());
  ctl({"enforcement", "on"});
  EXPECT_EQ(status()["enforcement"], "on") << "the first one does not come back";
}

TEST_F(Enforcement, is_audited_with_the_callers_name) {
  ctl({"enforcement", "off", "--for", "2h", "--note", "why"});
  ctl({"enforcement", "on"});
  ctl({"enforcement", "on"});
  std::vector<std::string> acts;
  for (const auto& line : ctl({"dump"}).objects())
    if (line["table"] == "audit" && line["address"] == "")
      acts.push_back(line["act"].get<std::string>() + " " + line["cause"].get<std::string>());
  ASSERT_EQ(acts.size(), 2U);
  EXPECT_TRUE(says(acts[0], "enforcement-off no one is refused until ")) << acts[0];
  EXPECT_TRUE(says(acts[0], ": why")) << acts[0];
  EXPECT_EQ(acts[1], "enforcement-on recipients on the list are refused again");
}

TEST_F(Enforcement, without_a_valid_time_or_a_database_is_refused) {
  for (const auto* length : {"0s", "8d", "forever", "x", "-1h", ""}) {
    const auto ran = ctl({"enforcement", "off", "--for", length});
    EXPECT_EQ(ran.status, 2) << length;
    EXPECT_TRUE(says(ran.err, "--for")) << ran.err;
  }
  EXPECT_TRUE(says(ctl({"enforcement", "off"}).err, "--for 2h"));
  EXPECT_EQ(ctl({"enforcement"}).status, 2);
  EXPECT_EQ(status()["enforcement"], "on");
  const auto ran = ctl_bare({"--db", path("none.db"), "enforcement", "off", "--for", "2h"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_TRUE(says(ran.err, "there is no database")) << ran.err;
}

TEST_F(Enforcement, in_monitor_mode_says_that_it_changes_nothing) {
  EXPECT_TRUE(says(ctl({"enforcement", "status", "--milter.mode", "monitor"}).out, "milter.mode is monitor"));
}

}  // namespace
}  // namespace suppressd::ctl
