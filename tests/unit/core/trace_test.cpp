#include "suppressd/core/trace.h"

#include <gtest/gtest.h>

#include "suppressd/base/seal.h"

namespace suppressd {
namespace {

using std::chrono::hours;

const Time kNow = from_unix(1'795'000'000);
constexpr Duration kLife = hours(24 * 30);

std::string secret(char fill) {
  return std::string(kSecretBytes, fill);
}

class TraceTest : public testing::Test {
 protected:
  TraceTest() { keys_.add(secret('a'), kNow); }
  std::string sign(std::vector<std::string> recipients, Time at = kNow) const {
    return keys_.sign({"4XQ1", at, "news@sender.example", std::move(recipients)});
  }
  std::string problem(const std::string& value, Time now = kNow) const {
    const auto trace = keys_.verify(value, now, kLife);
    return trace ? "" : trace.error().message;
  }
  TraceKeys keys_;
};

TEST_F(TraceTest, names_the_recipients_of_the_message_and_no_one_else) {
  const auto trace = keys_.verify(sign({"a@x.example", "b@x.example"}), kNow, kLife);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->queue_id, "4XQ1");
  EXPECT_EQ(trace->at, kNow);
  EXPECT_EQ(trace->sender, "news@sender.example");
  EXPECT_EQ(trace->count, 2u);
  EXPECT_TRUE(trace->names("a@x.example"));
  EXPECT_TRUE(trace->names("b@x.example"));
  EXPECT_FALSE(trace->names("c@x.example"));
  EXPECT_FALSE(trace->names(""));
  EXPECT_EQ(trace->sole_recipient, std::nullopt);
}

TEST_F(TraceTest, a_recipient_with_two_names_is_one_and_known_by_both) {
  const auto trace =
      keys_.verify(keys_.sign({"4XQ1", kNow, "", {"final@x.example"}, {"typed@x.example"}}), kNow, kLife);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->count, 1u);
  EXPECT_EQ(trace->sole_recipient, "final@x.example");
  EXPECT_TRUE(trace->names("final@x.example"));
  EXPECT_TRUE(trace->names("typed@x.example"));
  EXPECT_FALSE(trace->names("other@x.example"));
}

TEST_F(TraceTest, more_names_than_are_traced_leave_the_trace_readable) {
  TracedMessage message{"4XQ1", kNow, "", {}, {}};
  for (std::size_t i = 0; i < kTracedRecipients - 1; ++i)
    message.recipients.push_back("a" + std::to_string(i) + "@x.example");
  message.other_names = {"first@x.example", "second@x.example"};
  const auto trace = keys_.verify(keys_.sign(message), kNow, kLife);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_TRUE(trace->names("a998@x.example"));
  EXPECT_TRUE(trace->names("first@x.example"));
  EXPECT_FALSE(trace->names("second@x.example"));
}

TEST_F(TraceTest, shows_no_recipient_to_those_without_the_key) {
  const auto value = sign({"anna@x.example"});
  EXPECT_EQ(value.find("anna"), std::string::npos);
  EXPECT_EQ(value.find(base64url("anna@x.example")), std::string::npos);
}

TEST_F(TraceTest, knows_the_only_recipient_of_a_message) {
  EXPECT_EQ(keys_.verify(sign({"anna@x.example"}), kNow, kLife)->sole_recipient, "anna@x.example");
}

TEST_F(TraceTest, survives_another_folding) {
  auto value = sign({"a@x.example", "b@x.example"});
  std::string refolded;
  for (const char c : value) {
    if (c == '\n' || c == '\t') continue;
    refolded += c;
    if (c == ';') refolded += "\r\n   ";
  }
  EXPECT_EQ(problem(refolded), "");
}

TEST_F(TraceTest, a_change_anywhere_is_noticed) {
  const auto value = sign({"a@x.example"});
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (std::string_view(" \t\n").find(value[i]) != std::string_view::npos) continue;
    auto forged = value;
    forged[i] = forged[i] == 'x' ? 'y' : 'x';
    // The last character of the signature has bits that mean nothing.
    if (i + 1 < value.size()) {
      EXPECT_NE(problem(forged), "") << i;
    }
  }
}

TEST_F(TraceTest, a_header_cut_or_empty_proves_nothing) {
  const auto value = sign({"a@x.example"});
  for (std::size_t length = 0; length + 1 < value.size(); ++length)
    EXPECT_NE(problem(value.substr(0, length)), "") << length;
  EXPECT_NE(problem(std::string(1'000'000, ';')), "");
}

TEST_F(TraceTest, a_trace_of_another_host_proves_nothing) {
  TraceKeys others;
  others.add(secret('b'), kNow);
  EXPECT_NE(problem(others.sign({"4XQ1", kNow, "", {"a@x.example"}})), "");
}

TEST_F(TraceTest, a_trace_expires) {
  const auto value = sign({"a@x.example"});
  EXPECT_EQ(problem(value, kNow + kLife), "");
  EXPECT_NE(problem(value, kNow + kLife + hours(1)), "");
  EXPECT_EQ(problem(value, kNow - hours(23)), "");
  EXPECT_NE(problem(value, kNow - hours(25)), "");
}

TEST_F(TraceTest, a_replaced_key_still_verifies_for_a_time_but_no_longer_signs) {
  const auto old = sign({"a@x.example"});
  keys_.add(secret('b'), kNow + hours(1));
  EXPECT_EQ(problem(old, kNow + hours(2)), "");
  EXPECT_NE(sign({"a@x.example"}), old);
  // Old, but about a message that the old key should no longer have signed.
  TraceKeys leaked;
  leaked.add(secret('a'), kNow);
  const auto late = leaked.sign({"4XQ2", kNow + kLife, "", {"a@x.example"}});
  EXPECT_NE(problem(late, kNow + kLife + hours(2)), "");
  keys_.expire(kNow + kLife + hours(2), kLife);
  EXPECT_EQ(keys_.keys().size(), 1u);
  keys_.expire(kNow + 10 * kLife, kLife);
  EXPECT_EQ(keys_.keys().size(), 1u);
}

TEST_F(TraceTest, a_message_to_very_many_is_bounded) {
  std::vector<std::string> many;
  for (int i = 0; i < 3000; ++i) many.push_back("u" + std::to_string(i) + "@x.example");
  const auto value = sign(many);
  EXPECT_LT(value.size(), 12'000u);
  const auto trace = keys_.verify(value, kNow, kLife);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_TRUE(trace->names("u999@x.example"));
  EXPECT_FALSE(trace->names("u1000@x.example"));
  EXPECT_EQ(trace->count, 3000u);
}

TEST_F(TraceTest, no_line_of_the_header_is_longer_than_mail_allows) {
  std::vector<std::string> many(500, "someone@x.example");
  const auto value = sign(many);
  for (std::size_t begin = 0; begin < value.size();) {
    const auto end = std::min(value.find('\n', begin), value.size());
    EXPECT_LE(end - begin, 200u);
    begin = end + 1;
  }
}

TEST(TraceKeysFile, comes_back_as_it_was_written) {
  TraceKeys keys;
  keys.add(secret('a'), kNow);
  keys.add(secret('b'), kNow + hours(1));
  const auto read = TraceKeys::parse(keys.text(), "trace.keys");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->text(), keys.text());
  EXPECT_NE(read->keys()[0].id, read->keys()[1].id);
}

TEST(TraceKeysFile, mistakes_are_named_with_their_line) {
  const auto good = "K1 2026-11-21T10:00:00Z " + base64url(secret('a'));
  const std::pair<std::string, std::string> examples[] = {
      {good + "\nK2", "trace.keys:2: "},
      {good + "\n" + good, "trace.keys:2: there is a key K1 already"},
      {"K! 2026-11-21 " + base64url(secret('a')), "trace.keys:1: "},
      {"K1 yesterday " + base64url(secret('a')), "trace.keys:1: "},
      {"K1 2026-11-21 c2hvcnQ", "trace.keys:1: the secret"},
  };
  for (const auto& [text, words] : examples) {
    const auto read = TraceKeys::parse(text, "trace.keys");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().message.find(words), 0u) << read.error().message;
  }
}

}  // namespace
}  // namespace suppressd
