#include "suppressd/core/word_list.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(WordList, a_word_keeps_its_number) {
  WordList words;
  const auto first = words.number_of("bad-mailbox");
  const auto second = words.number_of("");
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_EQ(words.number_of("bad-mailbox"), first);
  EXPECT_EQ(words.word(*first), "bad-mailbox");
  EXPECT_EQ(words.word(*second), "");
}

TEST(WordList, takes_so_many_and_none_that_is_long) {
  WordList words;
  EXPECT_FALSE(words.number_of(std::string(WordList::kLongest + 1, 'x')));
  for (std::size_t i = 0; i < WordList::kMost; ++i)
    ASSERT_TRUE(words.number_of("word" + std::to_string(i))) << i;
  EXPECT_FALSE(words.number_of("one more"));
  for (std::size_t i = 0; i < WordList::kMost; ++i)
    EXPECT_EQ(words.word(*words.number_of("word" + std::to_string(i))), "word" + std::to_string(i));
}

TEST(WordList, is_empty_after_clear_and_uses_its_memory_again) {
  WordList words;
  for (int turn = 0; turn < 3; ++turn) {
    words.clear();
    for (std::size_t i = 0; i < WordList::kMost; ++i) {
      const auto word = std::string(100, static_cast<char>('a' + turn)) + std::to_string(i);
      EXPECT_EQ(words.word(*words.number_of(word)), word);
    }
    EXPECT_GE(words.memory(), WordList::kMost * 100);
    EXPECT_LE(words.memory(), WordList::kMost * 300);
  }
}

}  // namespace
}  // namespace suppressd
