#include "suppressd/milter/network.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

bool holds(const char* network, const char* address) {
  return Network::parse(network)->contains(*parse_ip(address));
}

TEST(NetworkTest, a_network_contains_its_own_addresses_and_no_others) {
  EXPECT_TRUE(holds("192.0.2.0/24", "192.0.2.0"));
  EXPECT_TRUE(holds("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(holds("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(holds("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(holds("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("2001:db8::1", "2001:DB8:0::1"));
}

TEST(NetworkTest, a_network_of_one_family_never_contains_the_other) {
  EXPECT_TRUE(holds("0.0.0.0/0", "198.51.100.1"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(holds("::/0", "2001:db8::1"));
  EXPECT_FALSE(holds("::/0", "198.51.100.1"));
}

TEST(NetworkTest, a_mapped_address_is_the_ipv4_address) {
  EXPECT_TRUE(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
  EXPECT_TRUE(holds("::ffff:192.0.2.0/120", "192.0.2.9"));
}

TEST(NetworkTest, bits_after_the_prefix_are_refused_with_the_right_network) {
  EXPECT_NE(Network::parse("192.0.2.9/24").error().message.find("write 192.0.2.0/24"), std::string::npos);
  EXPECT_NE(Network::parse("2001:db8::1/32").error().message.find("write 2001:db8::/32"), std::string::npos);
}

TEST(NetworkTest, other_text_is_not_a_network) {
  for (const char* text :
       {"", "/", "192.0.2.0/", "192.0.2.0/33", "192.0.2/24", "2001:db8::/129", "192.0.2.0/-1",
        "192.0.2.0/24x", "localhost", "192.0.2.0/255.255.255.0", "::/4294967296"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

TEST(NetworkTest, other_text_is_not_an_address) {
  for (const char* text : {"", "unknown", "192.0.2", "192.0.2.1.", "2001:db8:::1"})
    EXPECT_FALSE(parse_ip(text)) << text;
  EXPECT_FALSE(parse_ip(std::string_view("192.0.2.1\0", 10)));
}

}  // namespace
}  // namespace suppressd
