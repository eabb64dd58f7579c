#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

/// Twenty mailboxes of one provider called dead within a minute, with a brake that believes five.
class Pending : public CtlTest {
 protected:
  void SetUp() override {
    std::string log;
    for (int number = 10; number < 30; ++number) {
      log += postfix_message("2026-11-20T10:00:" + std::to_string(number) + "+00:00",
                             "AAAAA" + std::to_string(number),
                             "user" + std::to_string(number) + "@example.net", kDead);
    }
    ctl({"replay", "--hard.burst", "5", write("mail.log", log)});
  }
  std::vector<std::string> pending() {
    std::vector<std::string> addresses;
    for (const auto& entry : ctl({"--json", "list", "--pending"}).objects())
      addresses.push_back(entry["address"]);
    return addresses;
  }
};

TEST_F(Pending, entries_are_listed_and_refuse_no_one) {
  const auto addresses = pending();
  EXPECT_EQ(addresses.size(), 20U) << "those before the limit was passed, too";
  EXPECT_EQ(ctl({"list", "--json"}).lines().size(), 0U);
  for (const auto& address : addresses) EXPECT_FALSE(is_refused(address)) << address;
}

TEST_F(Pending, check_and_show_say_that_an_entry_waits) {
  const auto address = pending().at(0);
  EXPECT_NE(ctl({"check", address}).out.find("pending since"), std::string::npos);
  const auto shown = ctl({"show", address}).out;
  EXPECT_NE(shown.find("accepted"), std::string::npos) << shown;
  EXPECT_NE(shown.find("suppressctl confirm " + address), std::string::npos) << shown;
}

TEST_F(Pending, a_confirmed_address_is_refused) {
  const auto addresses = pending();
  EXPECT_EQ(ctl({"confirm", addresses[0]}).status, 0);
  EXPECT_TRUE(is_refused(addresses[0]));
  EXPECT_FALSE(is_refused(addresses[1]));
  EXPECT_EQ(ctl({"confirm", addresses[0]}).status, 1);
}

TEST_F(Pending, a_confirmation_can_be_taken_back) {
  const auto address = pending().at(0);
  const auto confirmed = ctl({"--json", "confirm", address}).objects().at(0);
  ASSERT_TRUE(is_refused(address));
  ctl({"undo", "--revert", std::to_string(confirmed["number"].get<int>())});
  EXPECT_FALSE(is_refused(address));
  EXPECT_EQ(pending().size(), 20U);
}

TEST_F(Pending, a_confirmed_entry_keeps_its_first_date) {
  const auto address = pending().at(0);
  ctl({"confirm", address});
  const auto entry = ctl({"--json", "check", address}).objects().at(0)["entry"];
  EXPECT_EQ(entry["since"], "2026-11-20T10:00:10Z");
  EXPECT_TRUE(entry["until"].is_null());
}

TEST_F(Pending, a_delivery_drops_an_entry_and_no_row_of_it_stays) {
  const auto address = pending().at(0);
  ctl({"replay", write("sent.log", postfix_message("2026-11-20T12:00:00+00:00", "BBBBBB1", address, kSent))});
  const auto story = ctl({"--json", "show", address}).objects().at(0);
  EXPECT_TRUE(story["entries"].empty());
  EXPECT_EQ(story["audit"].back()["act"], "dropped");
}

TEST_F(Pending, a_confirmation_of_nothing_does_not_succeed) {
  const auto addresses = pending();
  const auto ran = ctl({"confirm", "--provider", "example.org"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "nothing to confirm: no pending entry matches\n");
  EXPECT_FALSE(is_refused(addresses[0]));
  EXPECT_EQ(ctl({"--json", "confirm", "--rule", "no-such-rule"}).status, 1);
}

TEST_F(Pending, all_of_a_provider_are_confirmed) {
  const auto addresses = pending();
  EXPECT_EQ(ctl({"confirm", "--provider", "example.net", "--since", "2026-11-20T10:00"}).status, 0);
  for (const auto& address : addresses) EXPECT_TRUE(is_refused(address)) << address;
}

TEST_F(Pending, confirm_of_nothing_or_of_both_is_refused) {
  EXPECT_EQ(ctl({"confirm"}).status, 2);
  EXPECT_EQ(ctl({"confirm", "a@example.net", "--provider", "example.net"}).status, 2);
}

TEST_F(Pending, a_lift_drops_a_pending_entry) {
  const auto address = pending().at(0);
  EXPECT_EQ(ctl({"lift", address}).status, 0);
  EXPECT_EQ(ctl({"confirm", address}).status, 1);
}

}  // namespace
}  // namespace suppressd::ctl
