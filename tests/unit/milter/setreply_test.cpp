#include "setreply.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(SetreplyTest, ordinary_words_stay_as_they_are) {
  EXPECT_EQ(setreply_text("recipient suppressed: moved since 2026-11-01, ref ABC"),
            "recipient suppressed: moved since 2026-11-01, ref ABC");
}

TEST(SetreplyTest, no_percent_sign_is_alone) {
  EXPECT_EQ(setreply_text("100% %s %%"), "100%% %%s %%%%");
}

TEST(SetreplyTest, no_control_character_gets_through) {
  const std::string text = setreply_text(std::string("a\r\n550 b\0c\x1b[0m\x7f", 15));
  for (const char c : text) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
}

TEST(SetreplyTest, it_is_never_longer_than_libmilter_allows) {
  EXPECT_EQ(setreply_text(std::string(980, 'x')).size(), 980u);
  EXPECT_EQ(setreply_text(std::string(2000, 'x')).size(), 980u);
  const std::string percents = setreply_text("x" + std::string(2000, '%'));
  // A pair that does not fit is omitted as a whole.
  EXPECT_EQ(percents, "x" + std::string(978, '%'));
}

}  // namespace
}  // namespace suppressd
