#include "postfix/reply.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

/// `STAGE CODE STATUS TEXT`
std::string described(const Reply& reply) {
  return std::string(name_of(reply.stage)) + ' ' + std::to_string(reply.code) + ' ' +
         format_status(reply.status) + ' ' + std::string(reply.text);
}

std::string postfix(std::string_view text) {
  return described(read_postfix_reply(text));
}

TEST(PostfixReply, TheQuotedReplyIsExtractedFromPostfixsWords) {
  EXPECT_EQ(postfix("host mx[192.0.2.1] said: 550 5.1.1 no (in reply to RCPT TO command)"),
            "rcpt 550 5.1.1 550 5.1.1 no");
  EXPECT_EQ(postfix("host mx[private/lmtp] said: 552 full (in reply to end of DATA command)"),
            "end-of-data 552  552 full");
  EXPECT_EQ(postfix("host mx[192.0.2.1] refused to talk to me: 554 5.7.1 no"),
            "connect 554 5.7.1 554 5.7.1 no");
}

TEST(PostfixReply, OnlyTheLastCommandIsPostfixsOwn) {
  EXPECT_EQ(
      postfix(
          "host mx[192.0.2.1] said: 450 x (in reply to end of DATA command) (in reply to MAIL FROM command)"),
      "mail 450  450 x (in reply to end of DATA command)");
}

TEST(PostfixReply, ATruncatedReplyHasNoStage) {
  EXPECT_EQ(postfix("host mx[192.0.2.1] said: 450 x (in reply to RCPT"),
            "unknown 450  450 x (in reply to RCPT");
}

TEST(PostfixReply, WordsInARemoteReplyDoNotDecideTheStage) {
  EXPECT_EQ(
      postfix("host mx[192.0.2.1] said: 550 connect to x: lost connection with y while sending RCPT TO"),
      "unknown 550  550 connect to x: lost connection with y while sending RCPT TO");
  EXPECT_EQ(postfix("250 connect to x"), "unknown 250  250 connect to x");
}

TEST(PostfixReply, PostfixsOwnWordsAreKept) {
  EXPECT_EQ(postfix("connect to mx[192.0.2.1]:25: Connection timed out"),
            "connect 0  connect to mx[192.0.2.1]:25: Connection timed out");
  EXPECT_EQ(postfix("lost connection with mx[192.0.2.1] while sending MAIL FROM"),
            "mail 0  lost connection with mx[192.0.2.1] while sending MAIL FROM");
  EXPECT_EQ(postfix(""), "unknown 0  ");
}

TEST(PostfixReply, TheHostInItsOwnWordsIsFound) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"connect to mx.b.example[192.0.2.1]:25: Connection refused", "mx.b.example[192.0.2.1]:25"},
      {"connect to mx.b.example[2001:db8::1]:25: Connection timed out", "mx.b.example[2001:db8::1]:25"},
      {"connect to mta.b.example[private/lmtp]: No such file or directory", "mta.b.example[private/lmtp]"},
      {"Host or domain name not found. Name service error for name=b.example type=MX: Host not found, try "
       "again",
       "b.example"},
      {"Name service error for name=b.example type=MX: Malformed or unexpected name server reply",
       "b.example"},
      {"unable to look up host b.example: Name or service not known", "b.example"},
      {"Domain b.example does not accept mail (nullMX)", "b.example"},
      {"no MX host for b.example has a valid address record", "b.example"},
      {"lost connection with mx.b.example[192.0.2.1] while receiving the initial server greeting",
       "mx.b.example[192.0.2.1]"},
      {"conversation with mx.b.example[192.0.2.1] timed out while sending RCPT TO",
       "mx.b.example[192.0.2.1]"},
      {"host mx.b.example[192.0.2.1] refused to talk to me: 421 4.7.0 no", "mx.b.example[192.0.2.1]"},
      {"host mx.b.example[192.0.2.1] said: 450 4.2.0 connect to x: y (in reply to RCPT TO command)",
       "mx.b.example[192.0.2.1]"},
      {"host x y said: 450 no", ""},
      {"mail transport unavailable", ""},
      {"550 5.1.1 connect to mx.b.example[192.0.2.1]:25: no", ""},
      {"", ""},
  };
  for (const auto& [text, host] : cases) EXPECT_EQ(host_in_postfix_words(text), host) << text;
}

}  // namespace
}  // namespace suppressd
