#include "suppressd/core/pattern.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

bool matches(const std::string& pattern, bool case_sensitive, const std::string& text) {
  auto options = pattern_options(pattern);
  options.set_case_sensitive(case_sensitive);
  return RE2::PartialMatch(text, RE2(pattern, options));
}

TEST(Pattern, IsInLowerCaseWhereNothingInItHasAnUpperOne) {
  for (const auto* pattern : {"", "user unknown", "no longer (a )?(valid|known)", R"(\S+ \(null ?mx\)\b)",
                              "[^a-z]over ?quota", "[1-3][- _]", R"(n\W{1,2}o existe\.)", "[-a]x[a-]",
                              "größe", "получател", "άγνωστος", "người", "不存在", "없습니다"}) {
    EXPECT_TRUE(in_lower_case(pattern)) << pattern;
  }
  for (const auto* pattern :
       {"User unknown", "Größe", "Получател", "[ä-ü]", "\xE4", R"(\x41b)", R"(\101)", R"(\pL)", R"(\p{Lu})",
        "[[:upper:]]", "[@-_]", "[!-~]", "[]@-_]", "[^]@-_]", R"(\QUser\E)"}) {
    EXPECT_FALSE(in_lower_case(pattern)) << pattern;
  }
}

TEST(Pattern, MatchesTextsInLowerCaseAsIfItIgnoredCaseWhateverItsForm) {
  const std::string letters = "ab@_-^[]\\sSwx.|()?Z:09~";
  const std::string shown = "ab@_-^ 09xz";
  std::mt19937 random(11);
  const auto text_of = [&](const std::string& alphabet, std::size_t length) {
    std::string text;
    while (text.size() < length) text += alphabet[random() % alphabet.size()];
    return text;
  };
  int compared = 0;
  for (int round = 0; round < 200'000 && compared < 3000; ++round) {
    const auto pattern = text_of(letters, 1 + random() % 8);
    if (!pattern_error(pattern).empty() || !in_lower_case(pattern)) continue;
    ++compared;
    for (int i = 0; i < 20; ++i) {
      const auto text = text_of(shown, 1 + random() % 6);
      ASSERT_EQ(matches(pattern, true, text), matches(pattern, false, text)) << pattern << " on " << text;
    }
  }
  EXPECT_EQ(compared, 3000);
}

TEST(Pattern, IgnoresCaseWithCapitals) {
  const std::string pattern = "User [Unknown]+";
  EXPECT_TRUE(RE2::PartialMatch("user unknown", RE2(pattern, pattern_options(pattern))));
}

TEST(Pattern, SaysWhatIsWrongWithIt) {
  EXPECT_EQ(pattern_error("a|b"), "");
  EXPECT_EQ(pattern_error("a("), "missing ): a(");
}

}  // namespace
}  // namespace suppressd
