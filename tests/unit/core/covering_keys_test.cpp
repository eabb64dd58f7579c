#include "suppressd/core/covering_keys.h"

#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

std::vector<std::string> keys_of(std::string_view address, std::string_view delimiters = {},
                                 bool parents = true) {
  std::vector<std::string> keys;
  CoveringKeys(address, delimiters).any(parents, [&](std::string_view key) {
    keys.emplace_back(key);
    return false;
  });
  return keys;
}

using Keys = std::vector<std::string>;

TEST(CoveringKeys, go_from_the_address_to_the_widest_domain) {
  EXPECT_EQ(keys_of("anna+x@m.b.example", "+"),
            (Keys{"anna+x@m.b.example", "anna@m.b.example", "@m.b.example", "@.b.example", "@.example"}));
  EXPECT_EQ(keys_of("anna@b.example"), (Keys{"anna@b.example", "@b.example", "@.example"}));
  EXPECT_EQ(keys_of("anna@b.example", {}, false), (Keys{"anna@b.example", "@b.example"}));
  EXPECT_EQ(keys_of("root@localhost"), (Keys{"root@localhost", "@localhost"}));
  EXPECT_EQ(keys_of("a@[192.0.2.1]"), (Keys{"a@[192.0.2.1]", "@[192.0.2.1]"}));
  EXPECT_EQ(keys_of("a@b.c"), (Keys{"a@b.c", "@b.c", "@.c"}));
}

TEST(CoveringKeys, an_entry_for_subdomains_does_not_cover_the_domain_itself) {
  EXPECT_EQ(keys_of("@.b.example"), (Keys{"@.b.example", "@.b.example", "@.example"}));
  EXPECT_EQ(keys_of("@b.example"), (Keys{"@b.example", "@b.example", "@.example"}));
}

TEST(CoveringKeys, end_at_the_first_that_holds) {
  int asked = 0;
  EXPECT_TRUE(CoveringKeys("a@m.b.example", {}).any(true, [&](std::string_view key) {
    ++asked;
    return key == "@.b.example";
  }));
  EXPECT_EQ(asked, 3);
}

TEST(Extension, begins_at_the_leftmost_delimiter) {
  EXPECT_EQ(without_extension("anna+x@b.example", "+"), "anna@b.example");
  EXPECT_EQ(without_extension("anna+x+y@b.example", "+"), "anna@b.example");
  EXPECT_EQ(without_extension("anna-x+y@b.example", "+-"), "anna@b.example");
  EXPECT_EQ(without_extension("anna-x+y@b.example", "+"), "anna-x@b.example");
  EXPECT_EQ(without_extension("anna+@b.example", "+"), "anna@b.example");
}

TEST(Extension, is_empty_if_no_delimiter_follows_a_name) {
  for (const char* address :
       {"anna@b.example", "+x@b.example", "anna@my-host.example", "@b.example", "\"a b+c\"@b.example"})
    EXPECT_EQ(without_extension(address, "+-"), "") << address;
  EXPECT_EQ(without_extension("anna+x@b.example", ""), "");
}

// As in Postfix's split_addr(): these names are addresses of their own.
TEST(Extension, is_empty_if_postfix_would_not_split) {
  for (const char* address : {"mailer-daemon@b.example", "double-bounce@b.example", "owner-list@b.example",
                              "list-request@b.example"})
    EXPECT_EQ(without_extension(address, "-"), "") << address;
  EXPECT_EQ(without_extension("owner-list+x@b.example", "+"), "owner-list@b.example");
  EXPECT_EQ(without_extension("owner-list+x@b.example", "+-"), "");
  EXPECT_EQ(without_extension("owner@b.example", "-"), "");
}

}  // namespace
}  // namespace suppressd
