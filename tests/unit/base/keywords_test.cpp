#include "suppressd/base/keywords.h"

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

std::string text_of(std::mt19937& random, std::size_t length, unsigned letters) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('a' + random() % letters);
  return text;
}

/// Makes `count` different words and expects them to be found in a text of the same letters exactly
/// as a plain search finds them.
void expect_plain_search(std::mt19937& random, std::size_t count, unsigned letters, std::size_t longest,
                         std::size_t length) {
  std::vector<std::string> words;
  while (words.size() < count) {
    auto word = text_of(random, 1 + random() % longest, letters);
    if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
  }
  const Keywords keywords(words);
  const auto text = text_of(random, length, letters);
  auto found = keywords.find(text);
  std::ranges::sort(found);
  std::vector<int> expected;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (text.find(words[i]) != std::string::npos) expected.push_back(static_cast<int>(i));
  }
  EXPECT_EQ(found, expected) << text;
}

TEST(Keywords, AgreeWithAPlainSearch) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) expect_plain_search(random, 12, 3, 5, 40);
}

TEST(Keywords, AgreeWithAPlainSearchBeyondTheTable) {
  std::mt19937 random(11);
  for (int round = 0; round < 20; ++round) expect_plain_search(random, 1500, 4, 10, 4000);
}

}  // namespace
}  // namespace suppressd
