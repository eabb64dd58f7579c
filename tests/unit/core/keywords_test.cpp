#include "suppressd/core/keywords.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(Keywords, FindEveryWordHoweverTheyOverlap) {
  const Keywords words({"he", "she", "his", "hers", "e", "unknown"});
  auto found = words.find("ushers");
  std::ranges::sort(found);
  EXPECT_EQ(found, (std::vector<int>{0, 1, 3, 4}));
  EXPECT_TRUE(words.find("xyz").empty());
  EXPECT_TRUE(Keywords().find("x").empty());
}

TEST(Keywords, AgreeWithAPlainSearch) {
  std::mt19937 random(7);
  const auto text_of = [&](std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> words;
    while (words.size() < 12) {
      auto word = text_of(1 + random() % 5);
      if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
    }
    const Keywords keywords(words);
    const auto text = text_of(40);
    auto found = keywords.find(text);
    std::ranges::sort(found);
    std::vector<int> expected;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (text.find(words[i]) != std::string::npos) expected.push_back(static_cast<int>(i));
    }
    EXPECT_EQ(found, expected) << text;
  }
}

}  // namespace
}  // namespace suppressd
