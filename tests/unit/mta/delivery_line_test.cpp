#include "suppressd/mta/delivery_line.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(PostfixDelivery, ReadsEveryField) {
  const auto line = read_postfix_delivery(
      "to=<a@b.example>, orig_to=<c>, relay=mx[1.2.3.4]:25, conn_use=2, delay=1.5, delays=1/0/0/0.5, tls=x, "
      "dsn=5.1.1, status=bounced "
      "(host said)");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->to, "a@b.example");
  EXPECT_EQ(line->orig_to, "c");
  EXPECT_EQ(line->relay, "mx[1.2.3.4]:25");
  EXPECT_EQ(line->delay, "1.5");
  EXPECT_EQ(line->dsn, "5.1.1");
  EXPECT_EQ(line->status, "bounced");
  EXPECT_EQ(line->text, "host said");
}

TEST(PostfixDelivery, NothingAfterTheStatusIsAField) {
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

TEST(SendmailDelivery, ReadsEveryField) {
  const auto line = read_sendmail_delivery(
      "to=<a@b>,<c@d>, ctladdr=<x@y> (1/1), delay=1+14:41:13, xdelay=00:00:01, mailer=esmtp, pri=1, "
      "relay=mx. [1.2.3.4], dsn=5.1.1, "
      "reply=550 a, b, c, stat=User unknown");
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
  std::vector<std::string_view> recipients{"left over"};
  split_recipients(list, recipients);
  return recipients;
}

TEST(SplitRecipients, SplitsOutsideQuotesAndBracketsOnly) {
  using Recipients = std::vector<std::string_view>;
  EXPECT_EQ(split("<a@b>,<c@d>"), (Recipients{"a@b", "c@d"}));
  EXPECT_EQ(split("a@b,c@d"), (Recipients{"a@b", "c@d"}));
  EXPECT_EQ(split("\"a,b\"@c,d@e"), (Recipients{"\"a,b\"@c", "d@e"}));
  EXPECT_EQ(split("<\"a>,b\"@c>,d@e"), (Recipients{"\"a>,b\"@c", "d@e"}));
  EXPECT_EQ(split("<@r,@s:a@b>,c@d"), (Recipients{"@r,@s:a@b", "c@d"}));
  EXPECT_EQ(split("Joe <joe@b>, Ann <ann@b>"), (Recipients{"joe@b", "ann@b"}));
  EXPECT_EQ(split(""), Recipients{});
  EXPECT_EQ(split(",,"), Recipients{});
  EXPECT_EQ(split("<a@b"), (Recipients{"a@b"}));
}

TEST(SplitRecipients, CountsThoseWithoutBrackets) {
  std::vector<std::string_view> recipients;
  EXPECT_EQ(split_recipients("<good@b.example>,member@a.example", recipients), 1u);
  EXPECT_EQ(split_recipients("a@b,c@d", recipients), 2u);
  EXPECT_EQ(split_recipients("<a@b>,<c@d>", recipients), 0u);
  EXPECT_EQ(split_recipients(",,", recipients), 0u);
}

}  // namespace
}  // namespace suppressd
