#include "suppressd/base/utf8.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

bool is_surrogate(char32_t c) {
  return c >= 0xD800 && c < 0xE000;
}

TEST(Utf8, every_character_is_read_as_it_was_written) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (is_surrogate(c)) continue;
    std::string text;
    append_character(text, c);
    char32_t read = 0;
    ASSERT_EQ(next_character(text, read), text.size()) << static_cast<std::uint32_t>(c);
    ASSERT_EQ(read, c);
  }
}

TEST(Utf8, broken_text_is_refused) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  for (const char* text : {"\x80", "\xC3", "a\xE2\x82", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF0\x9F\x98", "\xFF"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, characters_are_counted_and_not_bytes) {
  EXPECT_EQ(count_characters("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 4U);
  EXPECT_EQ(count_characters(""), 0U);
}

}  // namespace
}  // namespace suppressd
