// The table of forms is data. Here it is tested that it can be used; tests/golden/report tests what it reads.
#include "forms.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "notice_words.h"

namespace suppressd::report {
namespace {

TEST(Forms, every_pattern_compiles_within_its_memory) {
  for (const auto& form : forms())
    EXPECT_TRUE(RE2("(?i)" + std::string(form.opening), for_bytes()).ok()) << form.id;
}

TEST(Forms, every_kind_of_line_has_an_address_and_at_most_words_beside) {
  for (const auto& line : line_forms()) {
    const RE2 pattern(line.pattern, for_bytes());
    ASSERT_TRUE(pattern.ok()) << line.name << ": " << pattern.error();
    EXPECT_TRUE(pattern.NamedCapturingGroups().contains("a") || pattern.NamedCapturingGroups().contains("u"))
        << line.name;
    EXPECT_LE(pattern.NumberOfCapturingGroups(), 2) << line.name;
  }
}

TEST(Forms, every_kind_of_line_is_named_once_and_used) {
  std::set<std::string> names;
  for (const auto& line : line_forms()) EXPECT_TRUE(names.insert(std::string(line.name)).second) << line.name;
  std::set<std::string> used;
  for (const auto& form : forms()) {
    std::istringstream words{std::string(form.lines)};
    for (std::string name; words >> name;) {
      EXPECT_TRUE(names.contains(name)) << form.id << " names " << name;
      used.insert(name);
    }
  }
  EXPECT_EQ(used, names);
}

TEST(Forms, the_form_that_any_sender_may_use_is_the_last) {
  EXPECT_EQ(forms().back().id, "notice");
  EXPECT_EQ(forms().back().sender, Sender::system);
  EXPECT_EQ(std::ranges::count(forms(), "", &Form::opening), 1);
}

TEST(WordsIn, finds_the_reply_that_a_notice_quotes) {
  for (const std::string notice :
       {"Remote host said: 550 5.1.1 no", "The error was:\n550 5.1.1 no\n", "returned '550 5.1.1 no'",
        "host mx [192.0.2.1]: 550 5.1.1 no", "(reason: 550 5.1.1 no)", "<<< 550 5.1.1 no\n>>> QUIT"}) {
    const auto words = words_in(notice);
    EXPECT_TRUE(words.has_reply) << notice;
    EXPECT_EQ(words.text, "550 5.1.1 no") << notice;
  }
}

TEST(WordsIn, a_number_is_not_a_reply) {
  for (const std::string notice : {"your message of 512 bytes", "it was 450 times too large",
                                   "port 587 of 550 hosts", "mx550.example.net"}) {
    EXPECT_FALSE(words_in(notice).has_reply) << notice;
  }
}

TEST(WordsIn, reads_the_command_that_a_transcript_shows) {
  EXPECT_EQ(words_in(">>> MAIL FROM:<a@b.example>\n<<< 550 no\n").stage, Stage::mail);
  EXPECT_EQ(
      words_in(">>> MAIL FROM:<a@b.example>\n<<< 250 ok\n>>> RCPT TO:<c@d.example>\n<<< 550 no\n").stage,
      Stage::rcpt);
  EXPECT_EQ(words_in("host mx said: 550 no (in reply to end of DATA command)").stage, Stage::end_of_data);
}

TEST(WordsIn, reads_a_status_in_the_middle_of_words) {
  EXPECT_EQ(words_in("Sorry, I could not connect. (#4.4.1)\nI gave up.").status, (EnhancedStatus{4, 4, 1}));
  EXPECT_FALSE(words_in("version 5.1.1.2 of it").status);
}

}  // namespace
}  // namespace suppressd::report
