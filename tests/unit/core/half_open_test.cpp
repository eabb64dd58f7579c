#include "suppressd/core/half_open.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
const Time kSince = from_unix(1'793'574'000);  // 2026-11-01
const Time kEnd = kSince + 30 * kDay;

Suppression learned(SuppressionKind kind = SuppressionKind::soft) {
  Suppression entry;
  entry.address = "a@b.example";
  entry.kind = kind;
  entry.category = "mailbox-full";
  entry.since = kSince;
  entry.until = kEnd;
  entry.ref = "ABC";
  entry.actor = kProgram;
  return entry;
}

bool half_open(const Suppression& entry, Time now, int steps = 1) {
  return is_half_open(entry, steps, 180 * kDay, now);
}

TEST(HalfOpen, a_timed_entry_is_half_open_from_its_end_until_its_ladder_starts_again) {
  for (const auto kind : {SuppressionKind::hard, SuppressionKind::soft}) {
    EXPECT_FALSE(half_open(learned(kind), kEnd - Duration{1}));
    EXPECT_TRUE(half_open(learned(kind), kEnd));
    EXPECT_TRUE(half_open(learned(kind), kEnd + 180 * kDay - Duration{1}));
    EXPECT_FALSE(half_open(learned(kind), kEnd + 180 * kDay));
  }
  EXPECT_TRUE(is_half_open(learned(), 1, kForever, kEnd + 10000 * kDay));
}

TEST(HalfOpen, a_permanent_entry_never_is) {
  auto entry = learned(SuppressionKind::hard);
  entry.until.reset();
  EXPECT_FALSE(half_open(entry, kEnd + kDay));
}

TEST(HalfOpen, what_was_not_learned_or_did_not_end_by_time_is_not) {
  for (const auto kind : {SuppressionKind::complaint, SuppressionKind::unsubscribe, SuppressionKind::manual})
    EXPECT_FALSE(half_open(learned(kind), kEnd));
  auto by_hand = learned();
  by_hand.actor = "root";
  EXPECT_FALSE(half_open(by_hand, kEnd));
  for (const auto state : {SuppressionState::pending, SuppressionState::suspended}) {
    auto entry = learned(SuppressionKind::hard);
    entry.state = state;
    EXPECT_FALSE(half_open(entry, kEnd));
  }
  EXPECT_FALSE(half_open(learned(), kEnd, 0)) << "ended with sqlite3: the ladder has started again";
}

TEST(HalfOpen, its_refusal_keeps_the_fixed_form_and_makes_nobody_delete_a_contact) {
  const auto refusal = half_open_text(learned(SuppressionKind::hard));
  EXPECT_EQ(refusal.status, "5.7.1");
  EXPECT_EQ(
      refusal.text,
      "recipient suppressed: mailbox-full since 2026-11-01, ref ABC (half open since 2026-12-01: another "
      "message tests whether the address takes mail again)");
  EXPECT_TRUE(is_our_refusal("550 5.7.1 " + refusal.text));
}

}  // namespace
}  // namespace suppressd
