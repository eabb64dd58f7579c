#include "postfix/delivery_line.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(PostfixDelivery, ReadsEveryField) {
  const auto line = read_postfix_delivery(
      "to=<a@b.example>, orig_to=<c>, relay=mx[1.2.3.4]:25, conn_use=2, delay=1.5, delays=1/0/0/0.5, tls=x, "
      "dsn=5.1.1, status=bounced (host said)");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->to, "a@b.example");
  EXPECT_EQ(line->orig_to, "c");
  EXPECT_EQ(line->relay, "mx[1.2.3.4]:25");
  EXPECT_EQ(line->delay, "1.5");
  EXPECT_EQ(line->dsn, "5.1.1");
  EXPECT_EQ(line->status, "bounced");
  EXPECT_EQ(line->text, "host said");
}

TEST(PostfixDelivery, NothingBehindTheStatusIsAField) {
  const auto line = read_postfix_delivery(
      "to=<a@b>, relay=none, status=sent (x), to=<v@c>, relay=evil, dsn=5.1.1, status=bounced (y)");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->to, "a@b");
  EXPECT_EQ(line->relay, "none");
  EXPECT_EQ(line->dsn, "");
  EXPECT_EQ(line->status, "sent");
}

TEST(PostfixDelivery, ALineThatDoesNotReachItsStatusIsNone) {
  const std::string whole = "to=<a@b>, relay=mx[1.2.3.4]:25, delay=1, dsn=5.1.1, status=bounced (x)";
  const std::size_t status = whole.find("status=");
  for (std::size_t length = 0; length < status + 7; ++length)
    EXPECT_FALSE(read_postfix_delivery(whole.substr(0, length))) << length;
  EXPECT_TRUE(read_postfix_delivery(whole.substr(0, status + 7)));
}

}  // namespace
}  // namespace suppressd
