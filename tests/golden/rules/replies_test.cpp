// Example replies of every category, each written from what is publicly known of the provider or program that
// sends it.
//
// replies.tsv: source, category, reply. The examples in conf/rules.toml are held to the rule that they stand
// in.
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "suppressd/config/rules_file.h"

namespace suppressd {
namespace {

const Ruleset& ruleset() {
  static const auto rules = load_rules({}, ActionTable{});
  return rules.value();
}

Judgement judge(const std::string& text, std::optional<Stage> stage = {}, std::string_view provider = {}) {
  Failure failure;
  failure.reply = parse_reply(text);
  if (stage) failure.reply.stage = *stage;
  failure.provider = provider;
  return ruleset().classify(failure);
}

struct Example {
  std::string where;
  std::string source;
  std::string category;
  std::string reply;
};

std::vector<Example> examples() {
  std::vector<Example> result;
  std::ifstream file(std::string(SUPPRESSD_SOURCE_DIR) + "/tests/golden/rules/replies.tsv");
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    EXPECT_NE(second, std::string::npos)
        << "replies.tsv:" << number << ": expected source, category and reply between tabs";
    if (second == std::string::npos) continue;
    result.push_back({"replies.tsv:" + std::to_string(number), line.substr(0, first),
                      line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return result;
}

TEST(Replies, AreJudgedAsTheirSourceMeansThem) {
  std::map<std::string, int> categories;
  std::set<std::string> sources;
  const auto all = examples();
  for (const auto& example : all) {
    ++categories[example.category];
    sources.insert(example.source);
    EXPECT_TRUE(category_from(example.category)) << example.where << ": no category " << example.category;
    const auto judgement = judge(example.reply);
    EXPECT_EQ(name_of(judgement.category), example.category)
        << example.where << " by " << judgement.rule << ": " << example.reply;
  }
  std::cout << all.size() << " replies of " << sources.size() << " sources:";
  for (const auto& [category, count] : categories) std::cout << ' ' << category << ' ' << count;
  std::cout << '\n';
  EXPECT_GE(all.size(), 300U);
  EXPECT_GE(sources.size(), 25U);
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (is_failure(category) && category != Category::complaint) {
      EXPECT_GE(categories[std::string(name_of(category))], 5) << name_of(category);
    }
  }
}

TEST(Replies, OfTheRulesFileAreJudgedByTheirOwnRule) {
  for (const auto& rule : ruleset().rules()) {
    for (const auto& example : rule.examples) {
      const auto judgement = judge(example, rule.stage, rule.provider);
      EXPECT_EQ(judgement.rule, rule.id)
          << rule.where << " (" << name_of(judgement.category) << "): " << example;
    }
  }
}

TEST(Replies, ThatAreDeferredAreNeverHard) {
  for (const auto& example : examples()) {
    Failure failure;
    failure.reply = parse_reply(example.reply);
    failure.temporary = true;
    const auto judgement = ruleset().classify(failure);
    EXPECT_NE(judgement.action, Action::hard) << example.where;
    EXPECT_FALSE(judgement.weak) << example.where;
  }
}

}  // namespace
}  // namespace suppressd
