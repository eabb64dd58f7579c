#include "suppressd/base/text.h"

#include <gtest/gtest.h>

#include "suppressd/base/utf8.h"

namespace suppressd {
namespace {

TEST(Text, clean_leaves_good_text_alone) {
  EXPECT_EQ(clean(""), "");
  EXPECT_EQ(clean("550 5.1.1 User unknown"), "550 5.1.1 User unknown");
  EXPECT_EQ(clean("Bo\u00eete pleine \u2014 \u6ee1 \U0001F4EC"),
            "Bo\u00eete pleine \u2014 \u6ee1 \U0001F4EC");
}

TEST(Text, clean_lets_no_control_character_through) {
  EXPECT_EQ(clean("a\r\nb\tc\x1b[31md\x7f"), "a  b c [31md ");
  EXPECT_EQ(clean(std::string_view("a\0b", 3)), "a b");
  EXPECT_EQ(clean("a\u0085b\u009bc\u2028d\u2029e"), "a b c d e");
  EXPECT_EQ(clean("a\u202egpj.exe\u2066"), "a gpj.exe ");
}

TEST(Text, clean_replaces_broken_utf8_and_keeps_the_text_after_it) {
  EXPECT_EQ(clean("Bo\xeete pleine"), "Bo\ufffdte pleine");
  EXPECT_EQ(clean("\xc3"), "\ufffd");
  EXPECT_EQ(clean("\xe2\x82"), "\ufffd");
  EXPECT_EQ(clean("\xe2\x82x"), "\ufffdx");
  EXPECT_EQ(clean("\xc0\xaf"), "\ufffd\ufffd");                      // an overlong slash
  EXPECT_EQ(clean("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");            // a surrogate
  EXPECT_EQ(clean("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd");  // beyond U+10FFFF
  EXPECT_EQ(clean("\xf0\x9f\x93\xac"), "\U0001F4EC");
}

TEST(Text, clean_output_is_clean_whatever_the_bytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second), 'x'};
      const auto once = clean(bytes);
      EXPECT_EQ(clean(once), once);
      std::string_view rest = once;
      while (!rest.empty()) {
        char32_t character = 0;
        const auto length = next_character(rest, character);
        ASSERT_GT(length, 0U) << first << ' ' << second;
        ASSERT_FALSE(is_control(character)) << first << ' ' << second;
        rest.remove_prefix(length);
      }
    }
  }
}

TEST(Text, clean_cuts_at_a_character_and_stays_within_the_limit) {
  EXPECT_EQ(clean("abcdef", 6), "abcdef");
  EXPECT_EQ(clean("abcdefg", 6), "abc...");
  EXPECT_EQ(clean("ab\u00fcdefg", 6), "ab...");
  EXPECT_EQ(clean("\u00fc\u00fc\u00fc", 6), "\u00fc\u00fc\u00fc");
  EXPECT_EQ(clean("\xff\xff\xff\xff", 9), "\ufffd\ufffd...");
  EXPECT_EQ(clean("abc", 2), "..");
  EXPECT_EQ(clean("abc", 0), "");
  EXPECT_EQ(clean(std::string(5000, 'x')).size(), 1000U);
}

TEST(Text, next_character_takes_only_whole_characters) {
  char32_t character = 0;
  EXPECT_EQ(next_character("", character), 0U);
  EXPECT_EQ(next_character("\u20acuro", character), 3U);
  EXPECT_EQ(character, U'\u20ac');
  EXPECT_EQ(next_character("\xe2\x82", character), 0U);
  EXPECT_EQ(next_character("\x80", character), 0U);
}

TEST(Text, lower_case_is_ascii_only) {
  EXPECT_EQ(to_lower("ABCxyz[]@\u00dc"), "abcxyz[]@\u00dc");
  EXPECT_TRUE(equals_ignoring_case("Recipient", "rECIPIENT"));
  EXPECT_FALSE(equals_ignoring_case("Recipient", "Recipients"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_TRUE(starts_with_ignoring_case("TO:<a@b>", "to:"));
  EXPECT_FALSE(starts_with_ignoring_case("to", "to:"));
  EXPECT_TRUE(starts_with_ignoring_case("x", ""));
}

TEST(Text, trim_removes_blanks_at_both_ends_only) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \r\n"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("a"), "a");
}

}  // namespace
}  // namespace suppressd
