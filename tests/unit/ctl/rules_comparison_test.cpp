#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

const std::string kOwnRules = R"(
[[rule]]
id = "mine.dead"
category = "bad-mailbox"
pattern = 'mailbox full'
examples = ["552 5.2.2 Mailbox full"]

[[rule]]
id = "mine.policy"
category = "policy"
pattern = 'user unknown'
)";

class RulesComparison : public CtlTest {
 protected:
  void SetUp() override {
    write("mail.log",
          postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "dead@example.net", kDead) +
              postfix_message("2026-11-01T10:00:01+00:00", "AAAAAA2", "full@example.net", kFull) +
              postfix_message("2026-11-01T10:00:02+00:00", "AAAAAA3", "dead2@example.net", kDead) +
              postfix_message("2026-11-01T10:00:03+00:00", "AAAAAA4", "full2@example.net", kFull) +
              postfix_message("2026-11-01T10:00:04+00:00", "AAAAAA5", "boss@example.net", kFull));
    write("rules.toml", kOwnRules);
  }
  Ran compare(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"--json",           "replay",         "--rules",
                                          path("rules.toml"), path("mail.log"), "--dry-run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ctl(arguments);
  }
};

TEST_F(RulesComparison, tells_who_would_enter_and_leave_and_why) {
  const auto ran = compare();
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto objects = ran.objects();
  ASSERT_EQ(objects.size(), 6U) << ran.out;
  EXPECT_EQ(objects[1]["address"], "full2@example.net");
  EXPECT_EQ(objects[1]["change"], "enters");
  EXPECT_TRUE(objects[1]["present"].is_null());
  EXPECT_EQ(objects[1]["new"]["rule"], "mine.dead");
  EXPECT_EQ(objects[1]["present_judgement"]["category"], "mailbox-full");
  EXPECT_EQ(objects[1]["new_judgement"]["category"], "bad-mailbox");
  EXPECT_EQ(objects[1]["text"], "552 5.2.2 Mailbox full");
  EXPECT_EQ(objects[3]["address"], "dead2@example.net");
  EXPECT_EQ(objects[3]["change"], "leaves");
  EXPECT_TRUE(objects[3]["new"].is_null());
  EXPECT_EQ(objects[3]["new_judgement"]["action"], "none");
  EXPECT_EQ(objects[5]["enter"], 3);
  EXPECT_EQ(objects[5]["leave"], 2);
  EXPECT_EQ(objects[5]["stay"], 0);
  EXPECT_EQ(ctl({"check", "dead@example.net"}).status, 2) << "no database was made";
}

TEST_F(RulesComparison, is_of_the_logs_even_if_they_were_learned_and_of_what_people_did) {
  ctl({"replay", path("mail.log")});
  ctl({"lift", "dead@example.net", "full@example.net"});
  ctl({"exempt", "add", "boss@example.net"});
  ctl({"add", "hand@example.net"});
  const auto before = ctl({"dump"}).out;
  const auto ran = ctl({"replay", "--rules", path("rules.toml"), path("mail.log"), "--dry-run"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  ASSERT_EQ(ran.lines().size(), 3U) << ran.out;
  EXPECT_EQ(ran.lines()[0],
            "enters   full2@example.net  not listed -> hard bad-mailbox; judged mailbox-full (soft, rule "
            "full.quota) -> bad-mailbox (hard, rule mine.dead): 552 5.2.2 Mailbox full");
  EXPECT_TRUE(ran.lines()[1].starts_with("leaves   dead2@example.net  hard bad-mailbox -> not listed"));
  EXPECT_EQ(
      ran.lines()[2],
      "1 address would enter the list, 1 would leave it, 0 would change, 1 would stay as they are; nothing "
      "was changed");
  EXPECT_EQ(ctl({"dump"}).out, before);
}

TEST_F(RulesComparison, with_the_rules_of_the_configuration_nothing_differs) {
  const auto ran = compare({"--rules.files", path("rules.toml")});
  ASSERT_EQ(ran.objects().size(), 1U) << ran.out;
  EXPECT_EQ(ran.objects()[0]["stay"], 3);
}

TEST_F(RulesComparison, needs_a_dry_run_a_valid_file_and_a_log_that_can_be_read_twice) {
  const auto rules = path("rules.toml");
  const auto log = path("mail.log");
  const auto error = [&](const std::vector<std::string>& arguments) {
    const auto ran = ctl(arguments);
    EXPECT_EQ(ran.status, 2);
    return ran.err;
  };
  EXPECT_NE(error({"replay", "--rules", rules, log}).find("add --dry-run"), std::string::npos);
  EXPECT_NE(error({"replay", "--rules", path("none.toml"), log, "--dry-run"}).find("none.toml"),
            std::string::npos);
  EXPECT_NE(error({"replay", "--rules", rules, "-", "--dry-run"}).find("standard input"), std::string::npos);
  EXPECT_NE(error({"replay", "--rules", rules, path("none.log"), "--dry-run"}).find("none.log"),
            std::string::npos);
  EXPECT_NE(error({"replay", "--rules", "", log, "--dry-run"}).find("--rules"), std::string::npos);
  EXPECT_EQ(ctl({"list"}).status, 2) << "no database was made";
  for (const auto& entry : std::filesystem::directory_iterator(path("")))
    EXPECT_FALSE(entry.path().filename().string().starts_with("suppressctl-")) << "a copy is left";
}

}  // namespace
}  // namespace suppressd::ctl
