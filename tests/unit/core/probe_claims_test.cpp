#include "suppressd/core/probe_claims.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using Taken = ProbeClaims::Taken;

Probe probe_of(const std::string& address) {
  return {.address = address, .recipient = address, .queue_id = "4Q", .since = from_unix(1'793'574'000)};
}

TEST(ProbeClaims, of_many_messages_at_once_one_gets_the_claim) {
  for (int round = 0; round < 100; ++round) {
    ProbeClaims claims(10);
    std::atomic<int> taken{0};
    std::vector<std::jthread> messages;
    for (int number = 0; number < 20; ++number)
      messages.emplace_back([&] { taken += claims.take("a@b.example") == Taken::ours ? 1 : 0; });
    messages.clear();
    ASSERT_EQ(taken, 1);
  }
}

TEST(ProbeClaims, one_that_was_not_sent_is_free_again) {
  ProbeClaims claims(10);
  ASSERT_EQ(claims.take("a@b.example"), Taken::ours);
  EXPECT_TRUE(claims.waiting().empty());
  claims.release("a@b.example");
  EXPECT_EQ(claims.take("a@b.example"), Taken::ours);
}

TEST(ProbeClaims, one_that_was_sent_is_held_until_it_is_stored) {
  int woken = 0;
  ProbeClaims claims(10, [&] { ++woken; });
  ASSERT_EQ(claims.take("a@b.example"), Taken::ours);
  claims.sent(probe_of("a@b.example"));
  EXPECT_EQ(woken, 1);
  claims.release("a@b.example");
  EXPECT_EQ(claims.take("a@b.example"), Taken::another);
  const auto waiting = claims.waiting();
  EXPECT_EQ(waiting, std::vector{probe_of("a@b.example")});
  EXPECT_EQ(claims.waiting(), waiting) << "it could not be stored";
  EXPECT_EQ(claims.take("a@b.example"), Taken::another);
  claims.stored(waiting);
  EXPECT_TRUE(claims.waiting().empty());
  EXPECT_EQ(claims.take("a@b.example"), Taken::ours);
}

TEST(ProbeClaims, where_there_is_no_room_nothing_goes_out_as_a_probe) {
  ProbeClaims claims(2);
  EXPECT_EQ(claims.take("a@b.example"), Taken::ours);
  EXPECT_EQ(claims.take("b@b.example"), Taken::ours);
  EXPECT_EQ(claims.take("c@b.example"), Taken::no_room);
  claims.sent(probe_of("a@b.example"));
  EXPECT_EQ(claims.take("c@b.example"), Taken::no_room);
  claims.stored(claims.waiting());
  EXPECT_EQ(claims.take("c@b.example"), Taken::ours);
}

}  // namespace
}  // namespace suppressd
