#include "suppressd/config/rules_file.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

std::string error_of(std::string_view text) {
  const auto rules = parse_rules(text, "my.toml");
  return rules ? "" : rules.error().message;
}

Judgement judge(const Ruleset& rules, std::string_view text) {
  Failure failure;
  failure.reply = parse_reply(text);
  return rules.classify(failure);
}

class UserRules : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("rules_file_test." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  std::filesystem::path folder_;
};

TEST(RulesFile, EveryKeyIsRead) {
  const auto rules = parse_rules(R"(
[[rule]]
id = "one"
category = "mailbox-disabled"
pattern = ['closed account', 'gone(r|s)?']
code = "55x"
status = "5.2.x"
provider = "example.com"
stage = "end-of-data"
weak = true
examples = ["550 5.2.1 closed account"]

[[rule]]
id = "two"
category = "blocked"
status = "5.7.x"
examples = "550 5.7.1 no"
)",
                                 "my.toml");
  ASSERT_TRUE(rules) << rules.error().message;
  ASSERT_EQ(rules->size(), 2U);
  const auto& one = rules->front();
  EXPECT_EQ(one.id, "one");
  EXPECT_EQ(one.category, Category::mailbox_disabled);
  EXPECT_EQ(one.pattern, "(?:closed account)|(?:gone(r|s)?)");
  EXPECT_EQ(one.code, "55x");
  EXPECT_EQ(one.status, "5.2.x");
  EXPECT_EQ(one.provider, "example.com");
  EXPECT_EQ(one.stage, Stage::end_of_data);
  EXPECT_TRUE(one.weak);
  EXPECT_EQ(one.examples, std::vector<std::string>{"550 5.2.1 closed account"});
  EXPECT_EQ(one.where, "my.toml:2");
  EXPECT_EQ(rules->back().pattern, "");
  EXPECT_FALSE(rules->back().weak);
  EXPECT_EQ(rules->back().examples.size(), 1U);
}

TEST(RulesFile, MistakesAreNamedWithTheirLineAndWhatWouldBeRight) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[[rule]]\nid = 'a'\ncategory = 'blokked'\n",
       "my.toml:3: unknown category `blokked`: expected one of bad-mailbox, "},
      {"[[rule]]\nid = 'a'\ncategory = 'delivered'\n", "my.toml:3: unknown category"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npatern = 'x'\n",
       "my.toml:4: unknown key `patern`: a rule has id, pattern, "},
      {"[[rule]]\n\nid = 'a'\ncategory = 'blocked'\nstage = 'later'\n",
       "my.toml:5: unknown stage `later`: expected one of lookup, "},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = 'x'\n[[rule]]\ncategory = 'blocked'\n",
       "my.toml:5: the rule has no id"},
      {"[[rule]]\nid = 'a'\npattern = 'x'\n", "my.toml:1: rule `a` has no category"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = 'x('\n",
       "my.toml:4: bad pattern `x(`: missing )"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = ['x',\n 'a)(b']\n",
       "my.toml:5: bad pattern `a)(b`"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = ''\n",
       "my.toml:4: an empty pattern matches every reply"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = 7\n",
       "my.toml:4: pattern takes a string or an array of strings"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = ['x', 7]\n",
       "my.toml:4: pattern takes a string or an array of strings"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\ncode = 550\n", "my.toml:4: code takes a string"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\nweak = 'yes'\n", "my.toml:4: weak takes true or false"},
      {"[rule]\nid = 'a'\n", "my.toml:1: unknown key `rule`: a rules file consists of [[rule]] tables"},
      {"rule = [1]\n", "my.toml:1: a rule is written as a [[rule]] table"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = 'x {{y}}'\n", "my.toml:4: no words named `y`"},
      {"[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = 'x {{y'\n", "my.toml:4: no words named `y`"},
      {"[words]\nx = ['a', 'b(']\n", "my.toml:2: bad words `x`: missing )"},
      {"[words]\nx = []\n", "my.toml:2: bad words `x`: there are none"},
      {"[words]\nx = 7\n", "my.toml:2: x takes a string or an array of strings"},
      {"words = 7\n", "my.toml:1: words are written as a [words] table"},
      {"[[rules]]\nid = 'a'\n", "my.toml:1: unknown key `rules`"},
      {"[[rule]]\nid = 'a\n", "my.toml:2: not TOML: "},
      {"\xFF\xFE", "my.toml:1: not TOML: "},
  };
  for (const auto& [text, message] : cases) {
    const auto error = error_of(text);
    EXPECT_EQ(error.substr(0, message.size()), message) << error;
  }
}

TEST(RulesFile, WordsAreOneListForAllPatterns) {
  const auto text =
      "[words]\nfruit = ['apple', 'pear']\n[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = '{{fruit}} or "
      "{{fruit}}'\n";
  const auto rules = parse_rules(text, "my.toml");
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->front().pattern, "(?:apple|pear) or (?:apple|pear)");
  Words known{{"colour", "(?:red)"}};
  const auto own =
      parse_rules("[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = '{{colour}}'\n", "my.toml", &known);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->front().pattern, "(?:red)");
}

TEST(RulesFile, AnyTextIsReadOrRefused) {
  std::mt19937 random(3);
  const std::string seed = "[[rule]]\nid = 'a'\ncategory = 'blocked'\npattern = ['x', \"y\"]\nweak = true\n";
  for (int round = 0; round < 3000; ++round) {
    auto text = seed;
    for (auto n = random() % 6; n > 0; --n) text[random() % text.size()] = static_cast<char>(random() % 256);
    const auto rules = parse_rules(text, "my.toml");
    if (!rules) {
      EXPECT_EQ(rules.error().message.rfind("my.toml:", 0), 0U) << rules.error().message;
    }
  }
}

TEST(RulesFile, BuiltInRulesCompile) {
  const auto rules = load_rules({}, ActionTable{});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_GT(rules->rules().size(), 50U);
}

TEST(RulesFile, BuiltInRulesCoverEveryCategory) {
  const auto rules = load_rules({}, ActionTable{});
  ASSERT_TRUE(rules);
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    // A complaint is a report's form, and what stays undetermined has no words.
    if (!is_failure(category) || category == Category::complaint ||
        category == Category::undetermined_permanent)
      continue;
    EXPECT_TRUE(std::ranges::any_of(rules->rules(), [&](const Rule& rule) {
      return rule.category == category;
    })) << name_of(category);
  }
}

TEST_F(UserRules, ComeBeforeTheBuiltInOnes) {
  const auto mine = file(
      "mine.toml", "[[rule]]\nid = 'my.own'\ncategory = 'policy'\npattern = 'user unknown to our filter'\n");
  const auto rules = load_rules({mine}, ActionTable{});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(judge(*rules, "550 5.1.1 user unknown to our filter").rule, "my.own");
  EXPECT_EQ(judge(*rules, "550 5.1.1 user unknown").category, Category::bad_mailbox);
}

TEST_F(UserRules, OfTheFirstFileComeFirst) {
  const auto first = file("a.toml", "[[rule]]\nid = 'first'\ncategory = 'policy'\npattern = 'zxcv'\n");
  const auto second = file("b.toml", "[[rule]]\nid = 'second'\ncategory = 'blocked'\npattern = 'zxcv'\n");
  const auto rules = load_rules({first, second}, ActionTable{});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(judge(*rules, "550 zxcv").rule, "first");
}

TEST_F(UserRules, TakeThePlaceOfABuiltInRuleById) {
  const auto builtin = parse_rules(builtin_rules_text(), "builtin");
  ASSERT_TRUE(builtin);
  const auto mine =
      file("mine.toml", "[[rule]]\nid = 'full.quota'\ncategory = 'policy'\npattern = 'quota'\n");
  const auto rules = load_rules({mine}, ActionTable{});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->rules().size(), builtin->size());
  EXPECT_EQ(judge(*rules, "552 5.2.2 over quota").category, Category::policy);
  EXPECT_EQ(judge(*rules, "550 daily sending quota exceeded").category, Category::rate_limited)
      << "what stood before it still does";
}

TEST_F(UserRules, WithAnExampleThatAnotherRuleJudgesAreRefusedAndTheOtherIsNamed) {
  const auto mine =
      file("mine.toml",
           "[[rule]]\nid = 'a'\ncategory = 'policy'\npattern = 'zxcv'\n\n"
           "[[rule]]\nid = 'b'\ncategory = 'blocked'\npattern = 'zxcvbn'\nexamples = ['550 zxcvbn']\n");
  const auto rules = load_rules({mine}, ActionTable{});
  ASSERT_FALSE(rules);
  EXPECT_NE(rules.error().message.find(
                mine + ":6: rule `b`: its example `550 zxcvbn` is classified as policy by `a`"),
            std::string::npos)
      << rules.error().message;
}

TEST_F(UserRules, ThatShadowABuiltInExampleAreFine) {
  const auto mine = file("mine.toml", "[[rule]]\nid = 'a'\ncategory = 'policy'\ncode = '5xx'\n");
  EXPECT_TRUE(load_rules({mine}, ActionTable{}));
}

TEST_F(UserRules, WithAnIdTwiceAreRefused) {
  const auto mine = file("mine.toml", "[[rule]]\nid = 'a'\ncategory = 'policy'\ncode = '5xx'\n");
  const auto other = file("other.toml", "\n[[rule]]\nid = 'a'\ncategory = 'policy'\ncode = '5xx'\n");
  const auto rules = load_rules({mine, other}, ActionTable{});
  ASSERT_FALSE(rules);
  EXPECT_NE(
      rules.error().message.find(other + ":2: rule `a`: this id is taken by the rule at " + mine + ":1"),
      std::string::npos)
      << rules.error().message;
}

TEST_F(UserRules, ThatCannotBeReadAreNamed) {
  const auto missing = load_rules({(folder_ / "none.toml").string()}, ActionTable{});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("none.toml: cannot read the rules file: No such file or directory"),
            std::string::npos)
      << missing.error().message;
  const auto folder = load_rules({folder_.string()}, ActionTable{});
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("Is a directory"), std::string::npos) << folder.error().message;
}

TEST_F(UserRules, CanMakeEveryCodeCount) {
  const auto codes = file("codes.toml",
                          "[[rule]]\nid = 'every-5xx'\ncategory = 'undetermined-permanent'\ncode = '5xx'\n\n"
                          "[[rule]]\nid = 'every-4xx'\ncategory = 'undetermined-temporary'\ncode = '4xx'\n");
  const auto rules = load_rules({codes}, ActionTable{});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(judge(*rules, "554 5.7.1 blocked using zen.example").action, Action::hard);
  EXPECT_EQ(judge(*rules, "450 4.7.1 blocked using zen.example").action, Action::soft);
}

}  // namespace
}  // namespace suppressd
