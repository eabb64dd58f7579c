#include "suppressd/source/line_buffer.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suppressd/core/cursor.h"

namespace suppressd {
namespace {

/// Feeds `text` in pieces of `piece` bytes and takes each line as soon as it is complete.
std::vector<std::string> feed(LineBuffer& buffer, std::string_view text, std::size_t piece) {
  std::vector<std::string> lines;
  std::string_view line;
  while (!text.empty()) {
    const auto space = buffer.space();
    const std::size_t count = std::min({piece, space.size(), text.size()});
    std::copy_n(text.begin(), count, space.begin());
    buffer.filled(count);
    text.remove_prefix(count);
    while (buffer.next(line)) lines.emplace_back(line);
  }
  return lines;
}

std::string last_window(std::string_view text) {
  return std::string(text.substr(text.size() - std::min<std::size_t>(text.size(), kDigestWindow)));
}

using Lines = std::vector<std::string>;

TEST(LineBuffer, keeps_an_incomplete_line_back) {
  LineBuffer buffer;
  EXPECT_EQ(feed(buffer, "one\ntw", 100), Lines{"one"});
  EXPECT_EQ(buffer.offset(), 4U);
  EXPECT_EQ(buffer.rest(), "tw");
  EXPECT_EQ(feed(buffer, "o\n\nthree\n", 100), (Lines{"two", "", "three"}));
  EXPECT_EQ(buffer.offset(), 15U);
  EXPECT_EQ(buffer.before(), "one\ntwo\n\nthree\n");
}

TEST(LineBuffer, gives_the_same_lines_offsets_and_windows_whatever_the_pieces) {
  std::mt19937 random(7);
  std::string text;
  Lines expected;
  for (int i = 0; i < 3000; ++i) {
    expected.push_back(std::to_string(i) + std::string(random() % 700, 'x'));
    text += expected.back() + '\n';
  }
  for (const std::size_t piece : {1U, 7U, 4096U, 100'000U, 10'000'000U}) {
    LineBuffer buffer;
    EXPECT_EQ(feed(buffer, text, piece), expected);
    EXPECT_EQ(buffer.offset(), text.size());
    EXPECT_EQ(buffer.before(), last_window(text));
  }
}

TEST(LineBuffer, a_line_of_a_gigabyte_is_skipped_in_fixed_memory_and_counted) {
  LineBuffer buffer;
  feed(buffer, "one\n", 100);
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 1024; ++i) {
    ASSERT_TRUE(feed(buffer, piece, piece.size()).empty());
    ASSERT_EQ(buffer.offset(), 4U) << "an incomplete line must be left for later";
    ASSERT_EQ(buffer.before(), "one\n");
  }
  EXPECT_EQ(buffer.overlong(), 0U);
  EXPECT_EQ(feed(buffer, "xyz\ntwo\n", 100), Lines{"two"});
  EXPECT_EQ(buffer.overlong(), 1U);
  EXPECT_EQ(buffer.offset(), 4U + (1ULL << 30) + 4 + 4);
  EXPECT_EQ(buffer.before(), last_window(piece + "xyz\ntwo\n"));
}

TEST(LineBuffer, takes_the_longest_line_and_not_one_byte_more) {
  LineBuffer buffer;
  const std::string longest(LineBuffer::kMaxLine, 'x');
  EXPECT_EQ(feed(buffer, longest + "\n", 4096), Lines{longest});
  EXPECT_EQ(feed(buffer, longest + "y\nnext\n", 4096), Lines{"next"});
  EXPECT_EQ(buffer.overlong(), 1U);
}

TEST(LineBuffer, a_hole_of_nul_bytes_does_not_swallow_the_line_after_it) {
  LineBuffer buffer;
  EXPECT_EQ(feed(buffer, "one\n" + std::string(3'000'000, '\0') + "two\nthree\n", 65536),
            (Lines{"one", "two", "three"}));
  EXPECT_EQ(buffer.overlong(), 0U);
  EXPECT_EQ(buffer.offset(), 4U + 3'000'000 + 4 + 6);
}

TEST(LineBuffer, continues_at_an_offset_with_the_window_before_it) {
  LineBuffer buffer;
  buffer.start(1'000'000, "...\nlast line\n");
  EXPECT_EQ(buffer.offset(), 1'000'000U);
  EXPECT_EQ(buffer.read_offset(), 1'000'000U);
  EXPECT_EQ(feed(buffer, "new\n", 1), Lines{"new"});
  EXPECT_EQ(buffer.offset(), 1'000'004U);
  EXPECT_EQ(buffer.before(), "...\nlast line\nnew\n");
}

TEST(LineBuffer, a_rest_that_was_taken_is_returned_again_only_if_it_has_grown) {
  LineBuffer buffer;
  feed(buffer, "one\ntwo", 100);
  std::string_view line;
  ASSERT_TRUE(buffer.take_rest(line));
  EXPECT_EQ(line, "two");
  EXPECT_EQ(buffer.offset(), 7U);

  LineBuffer ended;
  ended.start(7, "one\ntwo");
  EXPECT_EQ(ended.offset(), 7U);
  EXPECT_FALSE(ended.take_rest(line)) << "nothing new";
  ended.start(7, "one\ntwo");
  EXPECT_EQ(feed(ended, "\nthree\n", 100), Lines{"three"});
  EXPECT_EQ(ended.offset(), 14U);

  LineBuffer grown;
  grown.start(7, "one\ntwo");
  EXPECT_TRUE(feed(grown, "fo", 100).empty());
  EXPECT_EQ(grown.offset(), 7U);
  EXPECT_EQ(grown.before(), "one\ntwo");
  EXPECT_EQ(feed(grown, "ld\nthree\n", 100), (Lines{"twofold", "three"}));
}

}  // namespace
}  // namespace suppressd
