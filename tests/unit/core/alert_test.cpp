// Rates, their limits, and how often chance crosses them.
#include "suppressd/core/alert.h"

#include <random>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using Windows = std::array<WindowCounts, kRateWindows.size()>;

WindowCounts hard(std::int64_t dead, std::int64_t sent) {
  return {.counts = {.sent = sent, .delivered = sent - dead, .dead = dead}, .reported = {}};
}

Windows in_windows(WindowCounts day, WindowCounts week) {
  day.length = kRateWindows[0];
  week.length = kRateWindows[1];
  return {day, week};
}

AlertLevel level_of(const Windows& windows, AlertLevel open = AlertLevel::none,
                    AlertWhat what = AlertWhat::hard) {
  return judge_rate(what, windows, open).level;
}

TEST(Alert, the_lower_bound_is_wilsons) {
  EXPECT_NEAR(wilson_lower({10, 100}, 1.28), 0.0677, 0.0005);
  EXPECT_NEAR(wilson_lower({240, 3000}, 2.33), 0.0692, 0.0005);
  EXPECT_EQ(wilson_lower({0, 0}, 1.28), 0);
  EXPECT_NEAR(wilson_lower({0, 50}, 2.33), 0, 1e-12);
  EXPECT_LE(wilson_lower({30, 20}, 1.28), 1) << "more bounces by mail than sends";
}

TEST(Alert, one_dead_of_one_is_none) {
  EXPECT_EQ(level_of({hard(1, 1), hard(1, 1)}), AlertLevel::none);
  EXPECT_EQ(level_of({hard(9, 100), hard(9, 100)}), AlertLevel::none) << "below 10 events";
  EXPECT_EQ(level_of({hard(99, 99), hard(99, 99)}), AlertLevel::none) << "below 100 sends";
  EXPECT_EQ(level_of({hard(10, 100), hard(10, 100)}), AlertLevel::warning);
}

TEST(Alert, the_worse_window_decides_and_is_named) {
  auto judged = judge_rate(AlertWhat::hard, in_windows(hard(0, 2000), hard(200, 2000)), AlertLevel::none);
  EXPECT_EQ(judged.level, AlertLevel::critical);
  EXPECT_EQ(judged.window, kRateWindows[1]);
  EXPECT_EQ(judged.share, (RateShare{200, 2000}));
  judged = judge_rate(AlertWhat::hard, in_windows(hard(60, 1000), hard(60, 10000)), AlertLevel::none);
  EXPECT_EQ(judged.level, AlertLevel::warning);
  EXPECT_EQ(judged.window, kRateWindows[0]);
}

TEST(Alert, it_is_open_until_the_rate_is_half_the_limit_in_both_windows) {
  const Windows between{hard(15, 1000), hard(15, 1000)};
  EXPECT_EQ(level_of(between), AlertLevel::none);
  EXPECT_EQ(level_of(between, AlertLevel::warning), AlertLevel::warning);
  EXPECT_EQ(level_of({hard(5, 1000), hard(15, 1000)}, AlertLevel::warning), AlertLevel::warning);
  EXPECT_EQ(level_of({hard(10, 1000), hard(10, 1000)}, AlertLevel::warning), AlertLevel::none);
  EXPECT_EQ(level_of({hard(26, 1000), hard(26, 1000)}, AlertLevel::critical), AlertLevel::critical);
  EXPECT_EQ(level_of({hard(25, 1000), hard(25, 1000)}, AlertLevel::critical), AlertLevel::warning);
  EXPECT_EQ(level_of({hard(50, 99), hard(50, 99)}, AlertLevel::critical), AlertLevel::none)
      << "of so few nothing is known";
}

TEST(Alert, repeats_and_what_is_excused_are_in_no_rate) {
  WindowCounts counts;
  counts.counts = {.sent = 1000, .delivered = 500, .dead = 8, .again = 192, .excused = 300};
  EXPECT_EQ(counts.share(AlertWhat::hard), (RateShare{8, 508}));
  EXPECT_EQ(level_of({counts, counts}), AlertLevel::none);
}

TEST(Alert, soft_failures_have_limits_of_their_own) {
  const WindowCounts soft{.counts = {.sent = 1000, .soft = 70}, .reported = {}};
  EXPECT_EQ(level_of({soft, soft}, AlertLevel::none, AlertWhat::soft), AlertLevel::warning);
  EXPECT_EQ(level_of({soft, soft}), AlertLevel::none);
}

TEST(Alert, complaints_are_unknown_where_nobody_reports_them) {
  WindowCounts counts{.counts = {.sent = 2000, .delivered = 2000, .complaints = 30}, .reported = {}};
  EXPECT_EQ(counts.share(AlertWhat::complaint), std::nullopt);
  EXPECT_EQ(level_of({counts, counts}, AlertLevel::none, AlertWhat::complaint), AlertLevel::none);
  counts.reported = 1000;
  EXPECT_EQ(level_of({counts, counts}, AlertLevel::none, AlertWhat::complaint), AlertLevel::critical);
  counts.counts.complaints = 2;
  EXPECT_EQ(level_of({counts, counts}, AlertLevel::none, AlertWhat::complaint), AlertLevel::none)
      << "below three";
}

/// A campaign that is judged after every hundredth send, until the alert has that level. Returns whether it
/// had.
bool reaches(AlertLevel level, double share, std::int64_t sends, std::mt19937_64& random) {
  std::binomial_distribution<std::int64_t> dies(100, share);
  std::int64_t dead = 0;
  auto open = AlertLevel::none;
  for (std::int64_t sent = 100; sent <= sends; sent += 100) {
    dead += dies(random);
    open = level_of({hard(dead, sent), hard(dead, sent)}, open);
    if (open >= level) return true;
  }
  return false;
}

int campaigns(AlertLevel level, double share, std::int64_t sends, int count) {
  std::mt19937_64 random(17);
  int reached = 0;
  for (int i = 0; i < count; ++i) reached += reaches(level, share, sends, random) ? 1 : 0;
  return reached;
}

TEST(Alert, of_a_hundred_good_campaigns_one_is_warned_at_most) {
  for (const std::int64_t sends : {300, 3000})
    EXPECT_LE(campaigns(AlertLevel::warning, 0.01, sends, 2000), 20) << sends;
  EXPECT_LE(campaigns(AlertLevel::warning, 0.01, 300000, 300), 3);
}

TEST(Alert, of_a_hundred_campaigns_with_2_5_percent_dead_85_are_warned_at_least) {
  EXPECT_GE(campaigns(AlertLevel::warning, 0.025, 3000, 1000), 850);
}

TEST(Alert, of_a_hundred_campaigns_with_8_percent_dead_99_are_critical_at_least) {
  EXPECT_GE(campaigns(AlertLevel::critical, 0.08, 3000, 1000), 990);
}

TEST(Alert, its_words_say_what_where_and_how_much) {
  const Alert alert{.place = {RateDimension::sender_domain, "shop.example"},
                    .level = AlertLevel::critical,
                    .window = kRateWindows[0],
                    .share = {52, 1000}};
  EXPECT_EQ(alert.words(), "hard failures of sender-domain shop.example: 5.2 % (52 of 1000) in 1d");
  EXPECT_EQ(percent(0.0012), "0.12 %");
}

}  // namespace
}  // namespace suppressd
