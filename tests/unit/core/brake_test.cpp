#include "suppressd/core/brake.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using std::chrono::minutes;

const Time kStart = from_unix(1'790'000'100);

/// Counts a hard failure and holds the buckets that become pending. True: its own bucket is pending.
bool fail(Brake& brake, const std::string& provider, Time at) {
  brake.hold(brake.count_hard(provider, at));
  return std::ranges::any_of(brake.pending(), [&](const PendingRange& hour) {
    return hour.provider == provider && hour.begin <= at && at < hour.end;
  });
}

// DESIGN: all hard failures of an hour (twelve five-minute buckets) that passes the limit are pending, even
// those from before the limit was passed.
TEST(BrakeTest, all_of_the_hour_that_passes_the_limit_is_pending) {
  Brake brake{200};
  for (int i = 0; i < 200; ++i) EXPECT_FALSE(fail(brake, "b.example", kStart + Duration{i * 10}));
  const auto held = brake.count_hard("b.example", kStart + Duration{2000});
  ASSERT_FALSE(held.empty());
  EXPECT_LE(held.front().begin, kStart);
  brake.hold(held);
  ASSERT_EQ(brake.pending().size(), 1u);
  EXPECT_EQ(brake.pending()[0].end - brake.pending()[0].begin, kTrafficWindow);
  EXPECT_GT(brake.pending()[0].end, kStart + Duration{2000});
  EXPECT_TRUE(brake.count_hard("b.example", kStart + Duration{2000}).empty())
      << "what is pending is not told again";
}

TEST(BrakeTest, pending_buckets_stay_pending_when_much_is_delivered_afterwards) {
  Brake brake{1};
  fail(brake, "b.example", kStart);
  EXPECT_TRUE(fail(brake, "b.example", kStart));
  for (int i = 0; i < 1000; ++i) brake.count_send("b.example", kStart);
  EXPECT_TRUE(fail(brake, "b.example", kStart));
  EXPECT_FALSE(fail(brake, "b.example", kStart + minutes(10))) << "a share below a fifth";
}

// Failures of that hour may be folded again after years.
TEST(BrakeTest, a_pending_hour_is_not_forgotten) {
  Brake brake{1};
  fail(brake, "b.example", kStart);
  fail(brake, "b.example", kStart);
  const auto pending = std::vector<PendingRange>(brake.pending().begin(), brake.pending().end());
  ASSERT_EQ(pending.size(), 1U);
  brake.sweep(kStart + std::chrono::hours(24 * 5000));
  brake.count_send("b.example", kStart + std::chrono::hours(24 * 5000));
  ASSERT_EQ(brake.pending().size(), 1U);
  EXPECT_EQ(brake.pending()[0].begin, pending[0].begin);
  Brake again{1};
  again.load(brake.take_changes().written);
  ASSERT_EQ(again.pending().size(), 1U) << "nor by another process";
}

TEST(BrakeTest, a_steady_share_below_a_fifth_is_believed) {
  Brake brake{200};
  for (int i = 0; i < 1000; ++i) {
    for (int send = 0; send < 6; ++send) brake.count_send("b.example", kStart);
    EXPECT_FALSE(fail(brake, "b.example", kStart));
  }
}

TEST(BrakeTest, failures_at_one_provider_do_not_count_for_another) {
  Brake brake{1};
  EXPECT_FALSE(fail(brake, "a.example", kStart));
  EXPECT_FALSE(fail(brake, "b.example", kStart));
  EXPECT_TRUE(fail(brake, "a.example", kStart));
}

TEST(BrakeTest, the_window_moves_on) {
  Brake brake{1};
  fail(brake, "b.example", kStart);
  EXPECT_FALSE(fail(brake, "b.example", kStart + minutes(66)));
}

TEST(BrakeTest, zero_switches_it_off) {
  Brake brake{0};
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(fail(brake, "b.example", kStart));
}

TEST(BrakeTest, a_stored_brake_continues_where_it_was) {
  Brake first{1};
  fail(first, "b.example", kStart);
  auto changes = first.take_changes();
  ASSERT_EQ(changes.written.size(), 1u);
  EXPECT_TRUE(first.take_changes().written.empty());
  Brake second{1};
  second.load(changes.written);
  EXPECT_TRUE(fail(second, "b.example", kStart));
}

TEST(BrakeTest, old_buckets_are_forgotten) {
  Brake brake{1};
  fail(brake, "b.example", kStart);
  brake.take_changes();
  brake.sweep(kStart + minutes(200));
  const auto changes = brake.take_changes();
  EXPECT_TRUE(changes.written.empty());
  ASSERT_EQ(changes.removed.size(), 1u);
  EXPECT_EQ(changes.removed[0].provider, "b.example");
}

TEST(BrakeTest, an_active_provider_does_not_grow) {
  Brake brake{1};
  std::size_t rows = 0;
  for (int i = 0; i < 1000; ++i) {
    brake.count_send("b.example", kStart + minutes(5 * i));
    const auto changes = brake.take_changes();
    rows += changes.written.size();
    rows -= changes.removed.size();
    ASSERT_LE(rows, 25u);
  }
}

TEST(BrakeTest, a_bucket_that_came_and_went_between_two_commits_was_never_stored) {
  Brake brake{1};
  brake.count_send("b.example", kStart);
  brake.count_send("b.example", kStart + minutes(200));
  const auto changes = brake.take_changes();
  EXPECT_EQ(changes.written.size(), 1u);
  EXPECT_TRUE(changes.removed.empty());
}

TEST(BrakeTest, late_events_do_not_remove_newer_ones) {
  Brake brake{2};
  fail(brake, "b.example", kStart + minutes(600));
  fail(brake, "b.example", kStart + minutes(600));
  fail(brake, "b.example", kStart);
  fail(brake, "b.example", kStart);
  EXPECT_TRUE(fail(brake, "b.example", kStart));
  EXPECT_TRUE(fail(brake, "b.example", kStart + minutes(600)));
}

}  // namespace
}  // namespace suppressd
