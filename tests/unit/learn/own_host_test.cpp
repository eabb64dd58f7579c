#include "own_host.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(OwnHost, the_short_and_the_full_name_of_this_machine_are_not_two_hosts) {
  const OwnHost host{"sm1", "sm1.sender.example"};
  EXPECT_EQ(host.canonical("sm1"), "sm1");
  EXPECT_EQ(host.canonical("sm1.sender.example"), "sm1");
  EXPECT_EQ(host.canonical("SM1.Sender.example"), "sm1");
  const OwnHost full{"sm1.sender.example", ""};
  EXPECT_EQ(full.canonical("sm1"), "sm1");
  EXPECT_EQ(full.canonical("sm1.sender.example"), "sm1");
}

TEST(OwnHost, two_other_hosts_of_a_central_log_stay_two) {
  const OwnHost host{"mx", "mx.own.example"};
  for (const char* other : {"mx.a.example", "mx.b.example", "mx2", "mx.own.example.org", "m", ""})
    EXPECT_EQ(host.canonical(other), other);
}

TEST(OwnHost, localhost_is_not_a_name_of_this_machine) {
  const OwnHost host{"sm1", "localhost"};
  EXPECT_EQ(host.canonical("localhost"), "localhost");
  const OwnHost none{"", ""};
  EXPECT_EQ(none.canonical("sm1.sender.example"), "sm1.sender.example");
}

}  // namespace
}  // namespace suppressd
