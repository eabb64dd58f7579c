#include "suppressd/core/subject.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

const Subjects& subjects() {
  static const auto compiled = Subjects::compile({.recipient = R"(\b(user|mailbox|account|recipient)\b)",
                                                  .sender = R"(\b(sender|mail from)\b)",
                                                  .message = R"(\b(message|header)\b)",
                                                  .our_host = R"(\b(your ip|helo)\b)",
                                                  .reason = R"(\b(language|attachment)\b)"});
  return compiled.value();
}

Subject clause_blames(const std::string& text, std::string_view words) {
  const auto at = text.find(words);
  EXPECT_NE(at, std::string::npos) << text;
  return subjects().other_than_recipient(text, std::string_view(text).substr(at, words.size())).subject;
}

Subject after(const std::string& text, std::string_view words) {
  return subjects().named_after(text, std::string_view(text).substr(text.find(words), words.size())).subject;
}

TEST(Subjects, a_clause_about_the_sender_blames_no_recipient) {
  EXPECT_EQ(clause_blames("550 sender address rejected: user unknown", "user unknown"), Subject::sender);
  EXPECT_EQ(clause_blames("550 no such user in mail from", "no such user"), Subject::sender);
  EXPECT_EQ(clause_blames("550 account disabled for the sender", "account disabled"), Subject::sender);
  EXPECT_EQ(clause_blames("550 helo: unknown account", "unknown account"), Subject::our_host);
}

TEST(Subjects, another_clause_does_not_excuse_a_dead_recipient) {
  EXPECT_EQ(clause_blames("550 sender ok. user unknown", "user unknown"), Subject::none);
  EXPECT_EQ(clause_blames("550 user unknown; sender notified", "user unknown"), Subject::none);
  EXPECT_EQ(clause_blames("550 user unknown (in reply to mail from command)", "user unknown"), Subject::none);
  EXPECT_EQ(clause_blames("550 user unknown, ask the sender", "user unknown"), Subject::none);
  EXPECT_EQ(clause_blames("550 user unknown and some more words before sender", "user unknown"),
            Subject::none);
}

TEST(Subjects, the_addressee_of_a_notice_is_not_blamed) {
  EXPECT_EQ(clause_blames("550 returned to sender: user unknown", "user unknown"), Subject::none);
  EXPECT_EQ(clause_blames("550 will notify the sender, user unknown", "user unknown"), Subject::none);
  EXPECT_EQ(clause_blames("550 returned to sender: the sender is a user unknown here", "user unknown"),
            Subject::sender);
}

TEST(Subjects, a_reason_after_vague_words_is_not_overlooked) {
  EXPECT_EQ(after("550 mailbox unavailable. bad sender", "mailbox unavailable"), Subject::sender);
  EXPECT_EQ(after("550 mailbox unavailable for this language", "mailbox unavailable"), Subject::message);
  EXPECT_EQ(after("550 bad sender. mailbox unavailable", "mailbox unavailable"), Subject::none);
  EXPECT_EQ(after("550 mailbox unavailable, see https://a.example/?sender", "mailbox unavailable"),
            Subject::none);
}

TEST(Subjects, the_message_is_not_blamed_where_a_recipient_is_named) {
  EXPECT_EQ(subjects().named_in("550 message for that mailbox is bad").subject, Subject::recipient);
  EXPECT_EQ(subjects().named_in("550 message is bad").subject, Subject::message);
  EXPECT_EQ(subjects().named_in("550 sender of message for that mailbox").subject, Subject::sender);
  EXPECT_EQ(subjects().named_in("550 nothing of that kind").subject, Subject::none);
}

TEST(Subjects, no_words_find_nothing) {
  const Subjects nothing;
  EXPECT_FALSE(nothing.known());
  EXPECT_EQ(nothing.named_in("550 sender").subject, Subject::none);
  const auto empty = Subjects::compile({}).value();
  EXPECT_EQ(empty.named_in("550 sender \xC3\xA9 user").subject, Subject::none);
  EXPECT_FALSE(Subjects::compile({.sender = "("}));
}

TEST(Subjects, every_byte_is_taken_without_harm) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (std::size_t begin = 0; begin < all.size(); begin += 7) {
    const auto words = std::string_view(all).substr(begin, 5);
    EXPECT_EQ(subjects().other_than_recipient(all, words).subject, Subject::none);
    EXPECT_EQ(subjects().named_after(all, words).subject, Subject::none);
  }
}

}  // namespace
}  // namespace suppressd
