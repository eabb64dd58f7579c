#include "suppressd/core/provider.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(Provider, is_the_registrable_domain_of_the_host) {
  EXPECT_EQ(registrable_domain("gmail-smtp-in.l.google.com"), "google.com");
  EXPECT_EQ(registrable_domain("mx1.mail.example.co.uk"), "example.co.uk");
  EXPECT_EQ(registrable_domain("example.co.uk"), "example.co.uk");
  EXPECT_EQ(registrable_domain("MX.Example.COM."), "example.com");
  EXPECT_EQ(registrable_domain("mx.xn--bcher-kva.xn--fiqs8s"), "xn--bcher-kva.xn--fiqs8s");
  EXPECT_EQ(registrable_domain("_x.example.com"), "example.com");
}

TEST(Provider, a_name_without_one_is_returned_as_it_is) {
  EXPECT_EQ(registrable_domain("co.uk"), "co.uk");
  EXPECT_EQ(registrable_domain("localhost"), "localhost");
  EXPECT_EQ(registrable_domain(""), "");
  EXPECT_EQ(registrable_domain("."), ".");
}

TEST(Provider, only_domains_under_which_a_registry_sells_names_are_public_suffixes) {
  for (const char* suffix : {"com", "co.uk", "de", "xn--fiqs8s"})
    EXPECT_TRUE(is_public_suffix(suffix)) << suffix;
  for (const char* domain : {"example.com", "example.co.uk", "localhost", "github.io", "[192.0.2.1]", ""}) {
    EXPECT_FALSE(is_public_suffix(domain)) << domain;
  }
}

TEST(Provider, an_ip_address_is_never_cut) {
  EXPECT_EQ(registrable_domain("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(registrable_domain("2001:DB8::1"), "2001:db8::1");
  EXPECT_EQ(registrable_domain("[192.0.2.1]"), "[192.0.2.1]");
}

TEST(Provider, hosts_that_are_remembered_do_not_mix) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 2000; ++i) {
      const auto domain = "d" + std::to_string(i) + ".example";
      ASSERT_EQ(registrable_domain("mx." + domain), domain);
    }
  }
}

TEST(Provider, a_host_name_beyond_all_bounds_is_not_kept_nor_cut) {
  const std::string longest(100000, 'a');
  EXPECT_EQ(registrable_domain(longest + ".example.com"), longest + ".example.com");
}

}  // namespace
}  // namespace suppressd
