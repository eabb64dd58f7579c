#include "sendmail/reply.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

/// `STAGE CODE STATUS TEXT`
std::string described(const Reply& reply) {
  return std::string(name_of(reply.stage)) + ' ' + std::to_string(reply.code) + ' ' +
         format_status(reply.status) + ' ' + std::string(reply.text);
}

std::string sendmail(std::string_view reply, std::string_view stat, std::string_view dsn) {
  return described(read_sendmail_reply(reply, stat, parse_enhanced_status(dsn).value_or(EnhancedStatus{})));
}

TEST(SendmailReply, TheServersWordsComeBeforeSendmails) {
  EXPECT_EQ(sendmail("550-5.7.1 line one", "User unknown", "5.7.1"), "unknown 550 5.7.1 550-5.7.1 line one");
  EXPECT_EQ(sendmail("", "Sent (ok queued)", "2.0.0"), "unknown 0  ok queued");
  EXPECT_EQ(sendmail("", "Deferred: 452 4.2.2 full", "4.2.2"), "unknown 452 4.2.2 452 4.2.2 full");
}

TEST(SendmailReply, UserUnknownWithAnotherStatusIsNotTheText) {
  EXPECT_EQ(sendmail("", "User unknown", "5.7.1"), "unknown 0  ");
  EXPECT_EQ(sendmail("", "Service unavailable", "5.7.1"), "unknown 0  ");
  EXPECT_EQ(sendmail("", "User unknown", "5.1.1"), "unknown 0  User unknown");
  EXPECT_EQ(sendmail("", "Service unavailable", "5.0.0"), "unknown 0  Service unavailable");
  EXPECT_EQ(sendmail("", "Operating system error", "4.5.0"), "unknown 0  Operating system error");
}

TEST(SendmailReply, AFailureBeforeTheServerSpokeHasItsStage) {
  EXPECT_EQ(sendmail("", "Host unknown (Name server: x.: host not found)", "5.1.2"),
            "lookup 0  Host unknown (Name server: x.: host not found)");
  EXPECT_EQ(sendmail("", "Deferred: Connection refused by mx.", "4.0.0"),
            "connect 0  Connection refused by mx.");
}

}  // namespace
}  // namespace suppressd
