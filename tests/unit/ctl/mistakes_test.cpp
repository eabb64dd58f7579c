#include "mistakes.h"

#include <gtest/gtest.h>

#include "suppressd/core/address.h"

namespace suppressd::ctl {
namespace {

using Addresses = std::vector<std::string>;

std::string mistake_in(const std::string& typed) {
  const auto entry = canonical_entry(typed);
  EXPECT_TRUE(entry.ok()) << typed;
  return entry ? likely_mistake(typed, *entry) : std::string{};
}

TEST(Mistakes, ordinary_addresses_and_domains_are_not_called_mistakes) {
  for (const char* typed : {"User@Example.com", "<user@example.com>", "user+tag@example.com",
                            "o'brien@example.com", "a=b?c@example.com", "m\xC3\xBCller@example.com",
                            "user@b\xC3\xBC"
                            "cher.example",
                            "user@[192.0.2.1]", "user@example.com.", "\"john doe\"@example.com",
                            "\"a..b\"@example.com", "@example.com", "@mail.example.co.uk", "@localhost",
                            "root@localhost", "@[192.0.2.1]", "100%@example.com", "/dev/null@example.com"}) {
    EXPECT_EQ(mistake_in(typed), "") << typed;
    EXPECT_EQ(advice_on(*canonical_entry(typed)), "") << typed;
  }
}

TEST(Mistakes, a_canonical_form_by_accident_is_noticed) {
  for (const char* typed :
       {"mailto:x@b.example", "x@b.example,y@c.example", "a@b.example;c@d.example", "user@@b.example", "@com",
        "@co.uk", "@COM.", "'x@b.example", "a..b@c.example", ".x@b.example", "x @b.example", "*@b.example",
        "x\xC2\xA0@b.example", "\xE2\x80\x8Bx@b.example", "\xEF\xBB\xBFx@b.example"}) {
    EXPECT_NE(mistake_in(typed), "") << typed;
  }
}

TEST(Mistakes, the_address_that_was_meant_is_found) {
  for (const char* typed : {"mailto:x@b.example", "MAILTO:X@B.example?subject=unsubscribe", "x@@b.example",
                            "Jane Doe <x@b.example>", "\"Doe, Jane\" <x@b.example>", "<x@b.example>,",
                            "x@b.example;", "x@b.example.", "'x@b.example'", "(x@b.example)",
                            "x@b.example,Jane,2026-11-01", "\xE2\x80\x8Bx@b.example", "*x@b.example*"}) {
    EXPECT_EQ(addresses_in(typed), Addresses{"x@b.example"}) << typed;
  }
  EXPECT_EQ(addresses_in("x@b.example,y@c.example"), (Addresses{"x@b.example", "y@c.example"}));
  EXPECT_EQ(addresses_in("A <x@b.example>; B <y@c.example>"), (Addresses{"x@b.example", "y@c.example"}));
  EXPECT_EQ(addresses_in("no address, @com"), Addresses{});
}

TEST(Mistakes, advice_names_one_address_or_asks_for_one_at_a_time) {
  EXPECT_EQ(advice_on("mailto:x@b.example"), "did you mean x@b.example?");
  EXPECT_EQ(advice_on("\"mailto:x\"@b.example"), "did you mean x@b.example?");
  EXPECT_EQ(advice_on("x@b.example,y@c.example"), "give each address separately");
  EXPECT_EQ(advice_on("X@b.example"), "");
  EXPECT_EQ(advice_on("Example.com"), "a whole domain is written @example.com");
  EXPECT_EQ(advice_on("nonsense"), "");
}

}  // namespace
}  // namespace suppressd::ctl
