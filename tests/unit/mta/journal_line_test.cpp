#include "journal_line.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

/// The message, or `none`.
std::string message_of(std::string_view line) {
  std::string decoded;
  const auto entry = parse_journal_line(line, decoded);
  return entry ? std::string(entry->message) : "none";
}

std::string with_message(std::string_view json) {
  return R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":)" + std::string(json) + "}";
}

TEST(JournalLine, ReadsTheFourFields) {
  std::string decoded;
  const auto entry = parse_journal_line(
      R"({"_PID":"7","MESSAGE":"hello","__REALTIME_TIMESTAMP":"1795251602999999","_HOSTNAME":"mta","SYSLOG_IDENTIFIER":"postfix/smtp"})",
      decoded);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->at, from_unix(1795251602));
  EXPECT_EQ(entry->host, "mta");
  EXPECT_EQ(entry->tag, "postfix/smtp");
  EXPECT_EQ(entry->message, "hello");
}

TEST(JournalLine, DecodesEveryEscape) {
  EXPECT_EQ(message_of(with_message(R"("\"\\\/\b\f\n\r\tA\u0041\u00e9\u20ac\ud83d\ude00")")),
            "\"\\/\b\f\n\r\tAA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(message_of(with_message(R"("a\u0000b")")), std::string("a\0b", 3));
}

TEST(JournalLine, ALoneSurrogateIsReplaced) {
  EXPECT_EQ(message_of(with_message(R"("\ud83d")")), "\xEF\xBF\xBD");
  EXPECT_EQ(message_of(with_message(R"("\ude00x")")), "\xEF\xBF\xBDx");
  EXPECT_EQ(message_of(with_message(R"("\ud83d\u0041")")), "\xEF\xBF\xBD\x41");
}

TEST(JournalLine, AMessageMayBeBytesOrNull) {
  EXPECT_EQ(message_of(with_message("[104, 105,255,0,-1]")), std::string("hi\xFF\0\xFF", 5));
  EXPECT_EQ(message_of(with_message("[]")), "");
  EXPECT_EQ(message_of(with_message("null")), "");
}

TEST(JournalLine, TheFirstOfTwoEqualFieldsCounts) {
  EXPECT_EQ(message_of(with_message(R"(["first\n","second"])")), "first\n");
}

TEST(JournalLine, ViewsSurviveManyDecodedFields) {
  std::string line =
      R"({"__REALTIME_TIMESTAMP":"1000000","_HOSTNAME":"m\u0074a","SYSLOG_IDENTIFIER":"postfix\/smtp")";
  for (int i = 0; i < 1000; ++i) line += ",\"X" + std::to_string(i) + R"(":"\n\n\n\n\n\n\n\n\n\n")";
  line += R"(,"MESSAGE":"\u0068i"})";
  std::string decoded;
  const auto entry = parse_journal_line(line, decoded);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->host, "mta");
  EXPECT_EQ(entry->tag, "postfix/smtp");
  EXPECT_EQ(entry->message, "hi");
}

TEST(JournalLine, AnIncompleteObjectIsRefused) {
  for (const char* line :
       {"", "{", "{}", "[]", "null", R"({"MESSAGE":"x"})", R"({"__REALTIME_TIMESTAMP":"x","MESSAGE":"x"})",
        R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":"x")",
        R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":"x"} trailing)",
        R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":"x\)",
        R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":"\q"})",
        R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":"\u12"})",
        R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":[1,})",
        R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":[256]})",
        R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":nil})", R"({"__REALTIME_TIMESTAMP":"1000000",})",
        R"({"__REALTIME_TIMESTAMP":"-5"})"}) {
    EXPECT_EQ(message_of(line), "none") << line;
  }
}

TEST(JournalLine, ALineCutAnywhereIsRefused) {
  const std::string line =
      R"({"__REALTIME_TIMESTAMP":"1000000","MESSAGE":"a\u00e9b","X":[1,2],"Y":null,"SYSLOG_IDENTIFIER":["a","b"]})";
  for (std::size_t length = 0; length < line.size(); ++length)
    EXPECT_EQ(message_of(std::string(line, 0, length)), "none") << length;
  EXPECT_NE(message_of(line), "none");
}

}  // namespace
}  // namespace suppressd
