#include "suppressd/core/brake.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using std::chrono::minutes;

const Time kStart = from_unix(1'790'000'100);

TEST(BrakeTest, at_most_the_burst_is_believed_within_an_hour) {
  Brake brake{200};
  int believed = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto at = kStart + Duration{i * 3};
    brake.count_attempt("b.example", at);
    brake.count_attempt("b.example", at);  // normal traffic beside it
    if (!brake.count_hard("b.example", at)) ++believed;
  }
  EXPECT_EQ(believed, 200);
}

TEST(BrakeTest, a_steady_share_below_a_fifth_is_believed) {
  Brake brake{200};
  for (int i = 0; i < 1000; ++i) {
    for (int attempt = 0; attempt < 6; ++attempt) brake.count_attempt("b.example", kStart);
    EXPECT_FALSE(brake.count_hard("b.example", kStart));
  }
}

TEST(BrakeTest, providers_do_not_count_for_each_other) {
  Brake brake{1};
  EXPECT_FALSE(brake.count_hard("a.example", kStart));
  EXPECT_FALSE(brake.count_hard("b.example", kStart));
  EXPECT_TRUE(brake.count_hard("a.example", kStart));
}

TEST(BrakeTest, the_window_moves_on) {
  Brake brake{1};
  brake.count_hard("b.example", kStart);
  EXPECT_FALSE(brake.count_hard("b.example", kStart + minutes(66)));
}

TEST(BrakeTest, zero_switches_it_off) {
  Brake brake{0};
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(brake.count_hard("b.example", kStart));
}

TEST(BrakeTest, what_was_stored_goes_on_where_it_was) {
  Brake first{1};
  first.count_hard("b.example", kStart);
  auto changes = first.take_changes();
  ASSERT_EQ(changes.written.size(), 1u);
  EXPECT_TRUE(first.take_changes().written.empty());
  Brake second{1};
  second.load(changes.written);
  EXPECT_TRUE(second.count_hard("b.example", kStart));
}

TEST(BrakeTest, old_buckets_are_forgotten) {
  Brake brake{1};
  brake.count_hard("b.example", kStart);
  brake.take_changes();
  brake.sweep(kStart + minutes(200));
  const auto changes = brake.take_changes();
  EXPECT_TRUE(changes.written.empty());
  ASSERT_EQ(changes.removed.size(), 1u);
  EXPECT_EQ(changes.removed[0].provider, "b.example");
}

TEST(BrakeTest, an_active_operator_does_not_grow) {
  Brake brake{1};
  std::size_t rows = 0;
  for (int i = 0; i < 1000; ++i) {
    brake.count_attempt("b.example", kStart + minutes(5 * i));
    const auto changes = brake.take_changes();
    rows += changes.written.size();
    rows -= changes.removed.size();
    ASSERT_LE(rows, 13u);
  }
}

TEST(BrakeTest, what_came_and_went_between_two_commits_was_never_stored) {
  Brake brake{1};
  brake.count_attempt("b.example", kStart);
  brake.count_attempt("b.example", kStart + minutes(200));
  const auto changes = brake.take_changes();
  EXPECT_EQ(changes.written.size(), 1u);
  EXPECT_TRUE(changes.removed.empty());
}

TEST(BrakeTest, late_events_take_nothing_from_newer_ones) {
  Brake brake{2};
  brake.count_hard("b.example", kStart + minutes(600));
  brake.count_hard("b.example", kStart + minutes(600));
  brake.count_hard("b.example", kStart);
  brake.count_hard("b.example", kStart);
  EXPECT_TRUE(brake.count_hard("b.example", kStart));
  EXPECT_TRUE(brake.count_hard("b.example", kStart + minutes(600)));
}

}  // namespace
}  // namespace suppressd
