#include "suppressd/core/address.h"

#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

std::string canonical(std::string_view text) {
  const auto result = canonical_address(text);
  return result ? *result : "error: " + result.error().message;
}

std::string why_not(std::string_view text) {
  const auto result = canonical_address(text);
  EXPECT_FALSE(result.ok()) << text << " became " << *result;
  return result ? "" : result.error().message;
}

bool says(const std::string& message, std::string_view words) {
  return message.find(words) != std::string::npos;
}

TEST(Address, plain_forms_become_lower_case) {
  EXPECT_EQ(canonical("user@example.com"), "user@example.com");
  EXPECT_EQ(canonical("John.Doe+Tag@Mail.Example.COM"), "john.doe+tag@mail.example.com");
  EXPECT_EQ(canonical("!#$%&'*+/=?^_`{|}~-@example.com"), "!#$%&'*+/=?^_`{|}~-@example.com");
}

TEST(Address, text_around_an_address_is_removed) {
  EXPECT_EQ(canonical("<User@Example.com>"), "user@example.com");
  EXPECT_EQ(canonical(" \t<user@example.com>\r\n"), "user@example.com");
  EXPECT_EQ(canonical("  user@example.com  "), "user@example.com");
  EXPECT_EQ(canonical("< user@example.com >"), "user@example.com");
  EXPECT_EQ(canonical("user@example.com."), "user@example.com");
  EXPECT_EQ(canonical("<User@EXAMPLE.com.>"), "user@example.com");
}

TEST(Address, source_routes_are_removed) {
  EXPECT_EQ(canonical("<@a.example,@b.example:user@c.example>"), "user@c.example");
  EXPECT_EQ(canonical("@a.example:user@c.example"), "user@c.example");
  EXPECT_EQ(canonical("<@[IPv6:2001:db8::1],@b.example:user@c.example>"), "user@c.example");
  EXPECT_EQ(canonical("<@a.example:\"x:y\"@c.example>"), "\"x:y\"@c.example");
}

TEST(Address, quotes_stay_only_where_they_are_needed) {
  EXPECT_EQ(canonical("\"user\"@example.com"), "user@example.com");
  EXPECT_EQ(canonical("\"John.Doe\"@example.com"), "john.doe@example.com");
  EXPECT_EQ(canonical("\"John Doe\"@example.com"), "\"john doe\"@example.com");
  EXPECT_EQ(canonical("\"a@b\"@example.com"), "\"a@b\"@example.com");
  EXPECT_EQ(canonical("\".a\"@example.com"), "\".a\"@example.com");
  EXPECT_EQ(canonical("\"a.\"@example.com"), "\"a.\"@example.com");
  EXPECT_EQ(canonical("\"a..b\"@example.com"), "\"a..b\"@example.com");
}

TEST(Address, backslashes_stay_only_where_they_are_needed) {
  EXPECT_EQ(canonical(R"("\u\s\e\r"@example.com)"), "user@example.com");
  EXPECT_EQ(canonical(R"("a\"b"@example.com)"), R"("a\"b"@example.com)");
  EXPECT_EQ(canonical(R"("a\\b"@example.com)"), R"("a\\b"@example.com)");
  EXPECT_EQ(canonical(R"("a\ b"@example.com)"), R"("a b"@example.com)");
  EXPECT_EQ(canonical(R"(a\@b@example.com)"), R"("a@b"@example.com)");
  EXPECT_EQ(canonical(R"(a\b@example.com)"), "ab@example.com");
}

TEST(Address, a_local_part_without_its_quotes_gets_them) {
  EXPECT_EQ(canonical("john doe@example.com"), "\"john doe\"@example.com");
  EXPECT_EQ(canonical("a@b@example.com"), "\"a@b\"@example.com");
  EXPECT_EQ(canonical("user..name@example.ne.jp"), "\"user..name\"@example.ne.jp");
  EXPECT_EQ(canonical("user.@example.ne.jp"), "\"user.\"@example.ne.jp");
  EXPECT_EQ(canonical("\"a b\".c@example.com"), "\"a b.c\"@example.com");
}

TEST(Address, a_quoted_local_part_that_imitates_a_log_line_is_one_address) {
  EXPECT_EQ(canonical(R"("q>, relay=x, dsn=5.1.1, status=bounced (x"@remote.example)"),
            R"("q>, relay=x, dsn=5.1.1, status=bounced (x"@remote.example)");
  EXPECT_EQ(canonical(R"(<"a@victim.example>, to=<b"@remote.example>)"),
            R"("a@victim.example>, to=<b"@remote.example)");
}

TEST(Address, utf8_local_parts_stay_and_need_no_quotes) {
  EXPECT_EQ(canonical("J\u00fcrgen@example.com"), "j\u00fcrgen@example.com");
  EXPECT_EQ(canonical("\"\u7528\u6237\"@example.com"), "\u7528\u6237@example.com");
}

TEST(Address, domains_become_a_labels_by_idna_2008_without_transition) {
  EXPECT_EQ(canonical("user@b\u00fccher.example"), "user@xn--bcher-kva.example");
  EXPECT_EQ(canonical("user@B\u00dcCHER.Example."), "user@xn--bcher-kva.example");
  EXPECT_EQ(canonical("user@bu\u0308cher.example"), "user@xn--bcher-kva.example");
  EXPECT_EQ(canonical("user@stra\u00dfe.example"), "user@xn--strae-oqa.example");
  EXPECT_EQ(canonical("user@XN--BCHER-KVA.example"), "user@xn--bcher-kva.example");
  EXPECT_EQ(canonical("user@_x.b\u00fccher.example"), "user@_x.xn--bcher-kva.example");
  EXPECT_EQ(canonical("user@\u4f8b\u5b50\u3002\u4e2d\u56fd"), "user@xn--fsqu00a.xn--fiqs8s");
}

TEST(Address, labels_of_real_life_are_taken) {
  EXPECT_EQ(canonical("user@my_host.example.com"), "user@my_host.example.com");
  EXPECT_EQ(canonical("user@163.com"), "user@163.com");
  EXPECT_EQ(canonical("user@123.456"), "user@123.456");
  EXPECT_EQ(canonical("user@localhost"), "user@localhost");
  EXPECT_EQ(canonical("user@a--b.example"), "user@a--b.example");
}

TEST(Address, literals_stay_as_they_are_in_lower_case) {
  EXPECT_EQ(canonical("User@[192.0.2.1]"), "user@[192.0.2.1]");
  EXPECT_EQ(canonical("user@[IPv6:2001:DB8::1]"), "user@[ipv6:2001:db8::1]");
  EXPECT_TRUE(says(why_not("user@[192.0.2.300]"), "[IPv6:2001:db8::1]"));
  why_not("user@[]");
  why_not("user@[");
  why_not("user@[192.0.2.1].example");
  why_not("user@[2001:db8::1]");
  why_not("user@[example.com]");
  why_not(std::string_view("user@[192.0.2.1\0x]", 18));
}

TEST(Address, a_canonical_address_is_its_own_canonical_form) {
  for (const auto* text :
       {"user@example.com", "\"john doe\"@example.com", R"("a\"b"@example.com)", R"("a\\b"@example.com)",
        "\"a@b\"@example.com", "\".a\"@x.example", "user@xn--bcher-kva.example", "j\u00fcrgen@example.com",
        "user@[ipv6:2001:db8::1]", R"("\"\\\""@x.example)", "\" \"@example.com", "\"<a>\"@example.com"}) {
    EXPECT_EQ(canonical(text), text);
    EXPECT_EQ(canonical('<' + std::string(text) + '>'), text);
  }
}

TEST(Address, an_accepted_address_is_canonical_and_a_rejected_one_says_why) {
  constexpr std::string_view kPieces[] = {
      "a", "B", ".", "@",          "\"",       "\\",     "<",     ">",         " ",
      "[", "]", ":", ",",          "\u00fc",   "\u00df", "xn--",  "x.example", "\xff",
      "1", "-", "_", "@x.example", "ipv6:::1", "\t",     "\u3002"};
  std::minstd_rand random(20261121);
  int taken = 0;
  for (int round = 0; round < 50000; ++round) {
    std::string text;
    for (auto count = random() % 8; count > 0; --count) text += kPieces[random() % std::size(kPieces)];
    if (round % 2 == 0) text += "@x.example";
    const auto once = canonical_entry(text);
    if (!once) {
      ASSERT_FALSE(once.error().message.empty());
      continue;
    }
    ++taken;
    const auto twice = canonical_entry(*once);
    ASSERT_TRUE(twice.ok()) << text << " became " << *once << ": " << twice.error().message;
    ASSERT_EQ(*twice, *once) << text;
    ASSERT_EQ(clean(*once), *once) << text;
    const auto domain = domain_of(*once);
    ASSERT_TRUE(canonical_domain(domain.substr(domain.starts_with('.') ? 1 : 0)).ok()) << text;
  }
  EXPECT_GT(taken, 5000);
}

TEST(Address, the_null_sender_is_an_error_that_says_so) {
  EXPECT_TRUE(says(why_not(""), "null sender"));
  EXPECT_TRUE(says(why_not("<>"), "null sender"));
  EXPECT_TRUE(says(why_not(" < > "), "null sender"));
}

TEST(Address, an_invalid_address_is_named_with_the_reason) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"user", "no @"},
      {"<user>", "no @"},
      {"user@", "domain is empty"},
      {"user@.", "not a domain"},
      {"@example.com", "before the @ is empty"},
      {"\"\"@example.com", "before the @ is empty"},
      {"user@exa mple.com", "not a domain"},
      {"user@example..com", "not a domain"},
      {"user@.example.com", "not a domain"},
      {"user@example.com..", "not a domain"},
      {"user@example.com (comment)", "not a domain"},
      {"user@example.com>", "not a domain"},
      {"<user@example.com", "does not end with >"},
      {"\"user@example.com", "not closed"},
      {"\"us\"er@example.com", "middle of a word"},
      {"us\"er\"@example.com", "middle of a word"},
      {"user@example.com\\", "backslash"},
      {"us\ter@example.com", "control character"},
      {"us\x7f"
       "er@example.com",
       "control character"},
      {"us\u0085er@example.com", "control character"},
      {"\"us\\\ner\"@example.com", "control character"},
      {"us\xff"
       "er@example.com",
       "not UTF-8"},
      {"user@exa\xffmple.com", "internationalised"},
      {"user@\u2615\ufe0f\u200d.example", "internationalised"},
  };
  for (const auto& [text, words] : cases) {
    const auto message = why_not(text);
    EXPECT_TRUE(says(message, words)) << message;
  }
  why_not(std::string_view("user@exa\0mple.com", 17));
  why_not(std::string_view("us\0er@example.com", 17));
  why_not(std::string_view("user@b\u00fc\0cher.example", 21));
}

TEST(Address, messages_hold_no_control_characters_and_are_short) {
  const auto message = why_not("\x1b[31m" + std::string(5000, 'x'));
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_LT(message.size(), 300U);
}

TEST(Address, the_longest_parts_are_taken_and_longer_ones_are_not) {
  const std::string local(64, 'a');
  std::string domain = "zz";
  for (int i = 0; i < 25; ++i) domain += "abcdefghi.";
  domain += "com";
  ASSERT_EQ(domain.size(), 255U);
  EXPECT_EQ(canonical(local + "@example.com"), local + "@example.com");
  EXPECT_TRUE(says(why_not(local + "a@example.com"), "64 octets"));
  EXPECT_TRUE(says(why_not("\"" + local + " \"@example.com"), "64 octets"));
  EXPECT_EQ(canonical("u@" + domain), "u@" + domain);
  EXPECT_EQ(canonical("u@" + domain + "."), "u@" + domain);
  EXPECT_TRUE(says(why_not("u@z" + domain), "255 octets"));
  EXPECT_EQ(canonical("u@" + std::string(63, 'x') + ".com"), "u@" + std::string(63, 'x') + ".com");
  EXPECT_TRUE(says(why_not("u@" + std::string(64, 'x') + ".com"), "63 octets"));
  std::string wide;
  for (int i = 0; i < 100000; ++i) wide += "\u00fc";
  EXPECT_TRUE(says(why_not("u@" + wide), "255 octets"));
}

TEST(Address, a_default_domain_is_added_only_if_there_is_none) {
  EXPECT_EQ(*canonical_address("<User>", "Example.com"), "user@example.com");
  EXPECT_EQ(*canonical_address("user", "b\u00fccher.example"), "user@xn--bcher-kva.example");
  EXPECT_EQ(*canonical_address("\"a@b\"", "example.com"), "\"a@b\"@example.com");
  EXPECT_EQ(*canonical_address("user@other.example", "example.com"), "user@other.example");
  EXPECT_FALSE(canonical_address("", "example.com").ok());
  EXPECT_FALSE(canonical_address("user@", "example.com").ok());
}

TEST(Address, an_entry_may_be_a_whole_domain) {
  EXPECT_EQ(*canonical_entry("@Example.COM."), "@example.com");
  EXPECT_EQ(*canonical_entry(" @b\u00fccher.example "), "@xn--bcher-kva.example");
  EXPECT_EQ(*canonical_entry("@[IPv6:2001:DB8::1]"), "@[ipv6:2001:db8::1]");
  EXPECT_EQ(*canonical_entry("<User@Example.com>"), "user@example.com");
  EXPECT_EQ(*canonical_entry("<@a.example:User@Example.com>"), "user@example.com");
  EXPECT_EQ(*canonical_entry("@.Example.COM."), "@.example.com");
  EXPECT_EQ(*canonical_entry("@.com"), "@.com");
  EXPECT_FALSE(canonical_entry("@.").ok());
  EXPECT_FALSE(canonical_entry("@..example.com").ok());
  EXPECT_TRUE(says(canonical_entry("@.[192.0.2.1]").error().message, "no subdomains"));
  EXPECT_FALSE(canonical_entry("user@.example.com").ok());
  EXPECT_FALSE(canonical_entry("@").ok());
  EXPECT_FALSE(canonical_entry("").ok());
  EXPECT_FALSE(canonical_entry("example.com").ok());
  EXPECT_FALSE(canonical_entry("@a@b").ok());
}

TEST(Address, domains_alone) {
  EXPECT_EQ(*canonical_domain(" MX.Example.com. "), "mx.example.com");
  EXPECT_FALSE(canonical_domain("").ok());
  EXPECT_TRUE(says(canonical_domain("exa mple").error().message, "\"exa mple\""));
  EXPECT_EQ(domain_of("user@example.com"), "example.com");
  EXPECT_EQ(domain_of("\"a@b\"@example.com"), "example.com");
  EXPECT_EQ(domain_of("@example.com"), "example.com");
  EXPECT_EQ(domain_of("@.example.com"), ".example.com");
  EXPECT_EQ(domain_of("example.com"), "");
}

}  // namespace
}  // namespace suppressd
