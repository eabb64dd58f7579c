#include "suppressd/core/normal_text.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(NormalTextTest, addresses_are_not_told_apart) {
  EXPECT_EQ(normal_text("550 5.1.1 <anna@example.com>: Recipient address rejected"),
            "550 5.1.1 <{address}>: Recipient address rejected");
  EXPECT_EQ(normal_text("user 'anna@example.com' does not exist."), "user '{address}' does not exist.");
  EXPECT_EQ(normal_text("no such user anna+news@mail.example.com."), "no such user {address}.");
  EXPECT_EQ(normal_text("<\"anna b\"@example.com> is unknown"), "<{address}> is unknown");
  EXPECT_EQ(normal_text("anna@[192.0.2.1] is unknown"), "{address} is unknown");
  EXPECT_EQ(normal_text("<prvs=1234567890=anna@example.com>"), "<{address}>");
  EXPECT_EQ(normal_text("mail @ work"), "mail @ work");
}

TEST(NormalTextTest, ip_addresses_are_not_told_apart) {
  EXPECT_EQ(normal_text("client [192.0.2.1] blocked"), "client [{ip}] blocked");
  EXPECT_EQ(normal_text("client [IPv6:2001:db8::1] blocked"), "client [IPv6:{ip}] blocked");
  EXPECT_EQ(normal_text("from 192.0.2.1:25."), "from {ip}:25.");
  EXPECT_EQ(normal_text("from 2001:db8::7: blocked"), "from {ip}: blocked");
  EXPECT_EQ(normal_text("bad ace: dead"), "bad ace: dead");
}

TEST(NormalTextTest, host_names_are_not_told_apart_but_links_stay) {
  EXPECT_EQ(normal_text("host mx1.example.com[192.0.2.1] said"), "host {host}[{ip}] said");
  EXPECT_EQ(normal_text("See https://support.example.com/mail/?p=NoSuchUser for more."),
            "See https://support.example.com/mail/?p=NoSuchUser for more.");
  EXPECT_EQ(normal_text("https://blocklist.example/query/192.0.2.1"), "https://blocklist.example/query/{ip}");
  EXPECT_EQ(normal_text("User...unknown, e.g. no such"), "User...unknown, e.g. no such");
}

TEST(NormalTextTest, identifiers_and_long_numbers_are_not_told_apart) {
  EXPECT_EQ(normal_text("550 5.1.1 d2e1a72fcca58-7a0b1c2d3e4f5a-si1234567b3a.45 - gsmtp"),
            "550 5.1.1 {id} - gsmtp");
  EXPECT_EQ(normal_text("queued as 4XyZ1k2abcz"), "queued as {id}");
  EXPECT_EQ(normal_text("(1abcDE-0001Kz-AB)"), "({id})");
  EXPECT_EQ(normal_text("[AM0EUR02.eop-EUR02.prod.example.com 2026-11-20T14:03:11.123Z 08DB1234ABCD5678]"),
            "[{host} {id} {id}]");
  EXPECT_EQ(normal_text("552 quota is 104857600 at 14:03:11 on 2026-11-20"),
            "552 quota is {number} at {number} on {number}");
}

TEST(NormalTextTest, codes_and_statuses_and_names_of_errors_stay) {
  for (const auto* text : {"550 5.1.1 User unknown", "550-5.1.1 no such 550 5.1.1 user", "(S3150)", "OU-001",
                           "see RFC-5321", "550 #5.1.0 Address rejected.", "TSS04"})
    EXPECT_EQ(normal_text(text), text);
}

TEST(NormalTextTest, blanks_become_one_space) {
  EXPECT_EQ(normal_text("  no \t such\r\n user  "), "no such user");
  EXPECT_EQ(normal_text(""), "");
}

// What `incidents show` prints can be given to `undo --text`.
TEST(NormalTextTest, of_a_normal_text_is_the_text_itself) {
  for (const auto* text :
       {"550 5.1.1 <a.b+c@example.com>: Recipient address rejected: undeliverable address: host "
        "mx1.example.com[192.0.2.1] said: 550 5.1.1 unknown",
        "421 4.7.0 [192.0.2.1      15] our system 41be03b00d2f7-bc2e5a1b6bcsi1234.56 - gsmtp",
        "552 quota is 104857600 at 14:03:11 on 2026-11-20, see https://mx.example.com/x?id=4711abcd",
        "550 'x'@example.com 12345@[192.0.2.1] \"a b\"@example.com (S3150) [2001:db8::1]:25"}) {
    const auto once = normal_text(text);
    EXPECT_NE(once, text);
    EXPECT_EQ(normal_text(once), once);
  }
}

TEST(NormalTextTest, a_hostile_text_takes_linear_time) {
  for (const auto* piece : {"@a", "::", "1:", "\"@a", "a.", "{", "[", "@[", "a@", "1.2.3.4:"}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    EXPECT_FALSE(normal_text(text).empty());
  }
}

}  // namespace
}  // namespace suppressd
