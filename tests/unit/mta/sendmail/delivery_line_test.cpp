#include "sendmail/delivery_line.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(SendmailDelivery, ReadsEveryField) {
  const auto line = read_sendmail_delivery(
      "to=<a@b>,<c@d>, ctladdr=<x@y> (1/1), delay=1+14:41:13, xdelay=00:00:01, mailer=esmtp, pri=1, "
      "relay=mx. [1.2.3.4], dsn=5.1.1, reply=550 a, b, c, stat=User unknown");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->to, "<a@b>,<c@d>");
  EXPECT_EQ(line->delay, "1+14:41:13");
  EXPECT_EQ(line->mailer, "esmtp");
  EXPECT_EQ(line->relay, "mx. [1.2.3.4]");
  EXPECT_EQ(line->dsn, "5.1.1");
  EXPECT_EQ(line->reply, "550 a, b, c");
  EXPECT_EQ(line->stat, "User unknown");
}

TEST(SendmailDelivery, TheFieldsBeforeTheRemoteTextCannotBeOverwrittenByIt) {
  const auto line = read_sendmail_delivery(
      "to=<a@b>, mailer=esmtp, relay=mx., dsn=4.0.0, reply=450 x, dsn=5.1.1, relay=evil., stat=Sent, "
      "dsn=2.0.0");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->dsn, "4.0.0");
  EXPECT_EQ(line->relay, "mx.");
}

std::vector<std::string_view> split(std::string_view list) {
  Recipients recipients;
  split_recipients(list, recipients);
  return {recipients.begin(), recipients.end()};
}

TEST(SplitRecipients, SplitsOutsideQuotesAndBracketsOnly) {
  using Texts = std::vector<std::string_view>;
  EXPECT_EQ(split("<a@b>,<c@d>"), (Texts{"a@b", "c@d"}));
  EXPECT_EQ(split("a@b,c@d"), (Texts{"a@b", "c@d"}));
  EXPECT_EQ(split("\"a,b\"@c,d@e"), (Texts{"\"a,b\"@c", "d@e"}));
  EXPECT_EQ(split("<\"a>,b\"@c>,d@e"), (Texts{"\"a>,b\"@c", "d@e"}));
  EXPECT_EQ(split("<@r,@s:a@b>,c@d"), (Texts{"@r,@s:a@b", "c@d"}));
  EXPECT_EQ(split("Joe <joe@b>, Ann <ann@b>"), (Texts{"joe@b", "ann@b"}));
  EXPECT_EQ(split(""), Texts{});
  EXPECT_EQ(split(",,"), Texts{});
  EXPECT_EQ(split("<a@b"), (Texts{"a@b"}));
}

TEST(SplitRecipients, CountsThoseWithoutBrackets) {
  const auto bare = [](std::string_view list) {
    Recipients recipients;
    return split_recipients(list, recipients);
  };
  EXPECT_EQ(bare("<good@b.example>,member@a.example"), 1u);
  EXPECT_EQ(bare("a@b,c@d"), 2u);
  EXPECT_EQ(bare("<a@b>,<c@d>"), 0u);
  EXPECT_EQ(bare(",,"), 0u);
}

}  // namespace
}  // namespace suppressd
