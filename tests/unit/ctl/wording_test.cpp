#include "wording.h"

#include <gtest/gtest.h>

namespace suppressd::ctl {
namespace {

const Time kNow = from_unix(1793574000);

TEST(Wording, distances_use_the_unit_that_says_most) {
  EXPECT_EQ(relative(kNow, kNow), "now");
  EXPECT_EQ(relative(kNow - Duration{1}, kNow), "1 second ago");
  EXPECT_EQ(relative(kNow - Duration{90}, kNow), "90 seconds ago");
  EXPECT_EQ(relative(kNow - Duration{120}, kNow), "2 minutes ago");
  EXPECT_EQ(relative(kNow - std::chrono::hours(30), kNow), "30 hours ago");
  EXPECT_EQ(relative(kNow + std::chrono::hours(24 * 30), kNow), "in 30 days");
  EXPECT_EQ(relative(kNow - std::chrono::hours(24 * 800), kNow), "2 years ago");
}

TEST(Wording, ends_are_past_or_in_the_future) {
  EXPECT_EQ(end_in_words(std::nullopt, kNow), "permanent");
  EXPECT_TRUE(end_in_words(kNow, kNow).starts_with("ended "));
  EXPECT_TRUE(end_in_words(kNow + Duration{1}, kNow).starts_with("until "));
}

TEST(Wording, an_entry_that_has_run_out_is_ended_whatever_its_state) {
  Suppression entry;
  entry.state = SuppressionState::pending;
  EXPECT_EQ(state_word(entry, kNow), "pending");
  entry.until = kNow;
  EXPECT_EQ(state_word(entry, kNow), "ended");
}

}  // namespace
}  // namespace suppressd::ctl
