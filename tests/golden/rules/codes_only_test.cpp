// conf/codes-only.toml, the profile that judges by the reply code alone.
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "suppressd/config/rules_file.h"

namespace suppressd {
namespace {

const Ruleset& codes_only() {
  static const auto rules =
      load_rules({std::string(SUPPRESSD_SOURCE_DIR) + "/conf/codes-only.toml"}, ActionTable{});
  return rules.value();
}

Judgement judge(std::string_view text, EnhancedStatus logged = {}, bool temporary = false) {
  Failure failure;
  failure.reply = parse_reply(text);
  failure.logged_status = logged;
  failure.temporary = temporary;
  return codes_only().classify(failure);
}

TEST(CodesOnly, loads) {
  const auto rules = load_rules({std::string(SUPPRESSD_SOURCE_DIR) + "/conf/codes-only.toml"}, ActionTable{});
  ASSERT_TRUE(rules) << rules.error().message;
}

TEST(CodesOnly, every_5xx_is_hard_and_sure) {
  for (int code = 500; code < 600; ++code) {
    for (const char* words : {"", " User unknown", " 5.7.1 blocked using zen.example", " 5.2.2 Mailbox full",
                              " too many recipients"}) {
      const auto judgement = judge(std::to_string(code) + words);
      EXPECT_EQ(judgement.action, Action::hard) << code << words;
      EXPECT_FALSE(judgement.weak) << code << words;
    }
  }
}

TEST(CodesOnly, every_4xx_is_soft) {
  for (int code = 400; code < 500; ++code) {
    for (const char* words : {"", " User unknown", " 4.7.1 rate limited", " 4.2.2 Mailbox full"}) {
      EXPECT_EQ(judge(std::to_string(code) + words, {}, true).action, Action::soft) << code << words;
    }
  }
}

TEST(CodesOnly, what_the_mta_defers_is_never_hard) {
  EXPECT_EQ(judge("554 greeting of a server that wants no mail", {}, true).action, Action::soft);
}

TEST(CodesOnly, without_a_code_the_status_decides) {
  EXPECT_EQ(judge("Host or domain name not found", {5, 4, 4}).action, Action::hard);
  EXPECT_EQ(judge("connect to mx.example.com: Connection timed out", {4, 4, 1}, true).action, Action::soft);
}

TEST(CodesOnly, the_example_replies_are_judged_by_their_code) {
  std::ifstream file(std::string(SUPPRESSD_SOURCE_DIR) + "/tests/golden/rules/replies.tsv");
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    const auto reply = line.substr(line.rfind('\t') + 1);
    const auto code = parse_reply(reply).code;
    if (line.starts_with('#') || code < 400) continue;
    ++checked;
    EXPECT_EQ(judge(reply, {}, code < 500).action, code < 500 ? Action::soft : Action::hard) << reply;
  }
  EXPECT_GT(checked, 250);
}

}  // namespace
}  // namespace suppressd
