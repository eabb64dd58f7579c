#include "suppressd/core/incident.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kStart = from_unix(1'760'000'100);  // the beginning of five minutes

KnownGoodCounts counts(std::int64_t sends, std::int64_t failed, std::int64_t days_each = 1) {
  return {.sends = sends, .days = sends * days_each, .failed = failed, .again = 0};
}

class IncidentTest : public testing::Test {
 protected:
  /// The same counts in each five minutes of [begin, end), after kStart.
  void send(Duration begin, Duration end, const KnownGoodCounts& each) {
    for (auto at = begin; at < end; at += kKnownGoodBucket) series.add(kStart + at, each);
  }
  const std::vector<IncidentSpan>& found() { return series.incidents(); }

  IncidentSeries series;
};

TEST_F(IncidentTest, three_addresses_of_a_small_domain_that_fail_within_five_minutes_open_one) {
  send(hours(0), hours(20), counts(1, 0));
  series.add(kStart + hours(20), counts(2, 2));
  EXPECT_TRUE(found().empty()) << "two are too few";
  series.add(kStart + hours(20), counts(1, 1));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].opened, kStart + hours(20) + minutes(5));
  EXPECT_EQ(found()[0].since, kStart + hours(19)) << "an hour before the first";
  EXPECT_FALSE(found()[0].closed);
  EXPECT_EQ(found()[0].failed, 3);
}

TEST_F(IncidentTest, one_address_that_fails_again_and_again_opens_none) {
  send(hours(0), hours(20), {.sends = 2, .days = 2, .failed = 0, .again = 1});
  series.add(kStart + hours(20), counts(1, 1));
  EXPECT_TRUE(found().empty());
}

TEST_F(IncidentTest, what_chance_explains_opens_none) {
  // 100,000 days of known-good addresses: a hundred deaths are expected, and less than four times as many.
  series.add(kStart, counts(100'000, 399));
  EXPECT_TRUE(found().empty());
  series.add(kStart, counts(0, 1));
  EXPECT_EQ(found().size(), 1U);
}

TEST_F(IncidentTest, addresses_that_got_no_mail_for_long_may_have_died_since) {
  series.add(kStart, counts(33'000, 4'950, 135));
  EXPECT_TRUE(found().empty()) << "15 % of 33,000 after 135 days: 4,455 expected";
}

TEST_F(IncidentTest, it_closes_after_an_hour_in_which_few_fail) {
  send(hours(0), hours(4), counts(100, 50));
  send(hours(4), hours(4) + minutes(55), counts(100, 0));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_FALSE(found()[0].closed) << "55 minutes are not enough";
  series.add(kStart + hours(4) + minutes(55), counts(100, 0));
  EXPECT_EQ(found()[0].closed, kStart + hours(5)) << "the hour without failures";
}

TEST_F(IncidentTest, where_a_few_of_many_fail_it_takes_more_sends_to_see_that_it_is_over) {
  // 1 % fail: 20 / 0.01 sends are needed.
  send(hours(0), hours(10), counts(50, 0));
  send(hours(10), hours(14), {.sends = 50, .days = 50, .failed = 1, .again = 0});
  ASSERT_EQ(found().size(), 1U);
  send(hours(14), hours(14) + minutes(150), counts(10, 0));
  EXPECT_FALSE(found()[0].closed);
  send(hours(17), hours(20), counts(50, 0));
  EXPECT_TRUE(found()[0].closed);
}

TEST_F(IncidentTest, it_is_over_after_thirty_days_without_a_send) {
  series.add(kStart, counts(10, 10));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].end(), kStart + minutes(5) + kIncidentSilence);
  series.add(kStart + hours(24 * 31), counts(10, 10));
  ASSERT_EQ(found().size(), 2U);
  EXPECT_EQ(found()[0].closed, kStart + minutes(5) + kIncidentSilence);
  EXPECT_EQ(found()[1].opened, kStart + hours(24 * 31) + minutes(5));
}

TEST_F(IncidentTest, nothing_before_the_last_one_closed_counts_for_the_next) {
  series.add(kStart, counts(10, 10));
  send(hours(1), hours(4), counts(3, 0));
  ASSERT_EQ(found().size(), 1U);
  ASSERT_TRUE(found()[0].closed);
  series.add(kStart + hours(5), counts(2, 2));
  EXPECT_EQ(found().size(), 1U);
  series.add(kStart + hours(6), counts(3, 3));
  ASSERT_EQ(found().size(), 2U);
  EXPECT_GE(found()[1].since, *found()[0].closed);
}

TEST_F(IncidentTest, a_series_begins_where_an_older_incident_closed) {
  series = IncidentSeries(kStart + hours(1));
  series.add(kStart, counts(10, 10));
  EXPECT_TRUE(found().empty());
}

TEST_F(IncidentTest, none_opens_where_older_counts_may_be_incomplete) {
  series = IncidentSeries(Time::min(), kStart + hours(1));
  series.add(kStart, counts(10, 10));
  EXPECT_TRUE(found().empty());
  series.add(kStart + hours(1), counts(3, 3));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].opened, kStart + hours(1) + minutes(5));
}

TEST_F(IncidentTest, sends_are_counted_between_two_times) {
  send(hours(0), hours(2), counts(3, 0));
  EXPECT_EQ(series.counts(kStart + hours(1), kStart + hours(2)).sends, 36);
  EXPECT_EQ(series.counts(kStart + hours(3), kStart + hours(4)).sends, 0);
}

// Counts of ten days with some bad hours, and addresses that are written to hourly or weekly.
KnownGoodBuckets random_counts(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t count) { return static_cast<std::int64_t>(random() % count); };
  KnownGoodBuckets buckets;
  const auto most = std::int64_t{1} << below(8);
  const auto every = 1 + below(30);
  std::vector<std::pair<std::int64_t, std::int64_t>> bad;
  for (auto i = below(4); i > 0; --i) bad.emplace_back(below(2880), 1 + below(300));
  for (std::int64_t bucket = 0; bucket < 2880; bucket += 1 + below(static_cast<std::uint64_t>(every))) {
    auto added = counts(1 + below(static_cast<std::uint64_t>(most)), 0, 1 + below(30));
    const bool fails = std::ranges::any_of(
        bad, [&](const auto& span) { return bucket >= span.first && bucket < span.first + span.second; });
    if (fails) added.failed = below(static_cast<std::uint64_t>(added.sends + 1));
    if (below(100) == 0) added.again = added.sends - added.failed;
    buckets[kStart + kKnownGoodBucket * bucket] = added;
  }
  return buckets;
}

TEST(IncidentSeriesTest, incidents_are_a_function_of_the_counts_whatever_their_order) {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto buckets = random_counts(random);
    IncidentSeries in_order;
    in_order.add(buckets);
    const auto expected = in_order.incidents();
    found += expected.size();

    std::vector<std::pair<Time, KnownGoodCounts>> pieces;
    for (const auto& [start, counts] : buckets) {
      KnownGoodCounts half{counts.sends / 2, counts.days / 2, counts.failed / 2, counts.again / 2};
      auto rest = counts;
      rest -= half;
      pieces.emplace_back(start, half);
      pieces.emplace_back(start, rest);
    }
    std::shuffle(pieces.begin(), pieces.end(), random);
    IncidentSeries shuffled;
    for (const auto& [start, counts] : pieces) {
      shuffled.add(start, counts);
      if (random() % 16 == 0) shuffled.incidents();
    }
    EXPECT_EQ(shuffled.incidents(), expected) << "seed " << seed;

    IncidentSeries one_by_one;
    for (const auto& [start, counts] : buckets) {
      one_by_one.add(start, counts);
      one_by_one.incidents();
    }
    EXPECT_EQ(one_by_one.incidents(), expected) << "seed " << seed;
  }
  EXPECT_GT(found, 100U) << "or it shows nothing";
}

TEST(KnownGoodTest, an_address_is_known_good_for_180_days_after_a_delivery) {
  EXPECT_FALSE(days_known_good({}, kStart));
  EXPECT_FALSE(days_known_good(kStart, kStart)) << "of the same second";
  EXPECT_EQ(days_known_good(kStart - Duration(1), kStart), 1);
  EXPECT_EQ(days_known_good(kStart - hours(7 * 24 - 1), kStart), 7);
  EXPECT_EQ(days_known_good(kStart - hours(180 * 24), kStart), 180);
  EXPECT_FALSE(days_known_good(kStart - hours(180 * 24) - Duration(1), kStart));
}

TEST(KnownGoodTest, a_delivery_counts_only_if_it_is_newer_than_those_that_are_known) {
  KnownGoodTally tally;
  tally.add_delivery("p.example", "d.example", kStart, {});
  tally.add_delivery("p.example", "d.example", kStart + hours(1), kStart);
  tally.add_delivery("p.example", "d.example", kStart + hours(1), kStart + hours(1));  // read again
  tally.add_delivery("p.example", "d.example", kStart, kStart + hours(1));
  const auto all = tally.take();
  ASSERT_EQ(all.size(), 1U);
  ASSERT_EQ(all.begin()->second.size(), 1U);
  EXPECT_EQ(all.begin()->second.begin()->second, counts(1, 0));
  EXPECT_TRUE(tally.take().empty());
}

TEST(KnownGoodTest, an_address_that_fails_again_within_a_day_is_not_counted_as_another) {
  KnownGoodTally tally;
  tally.add("p.example", "d.example", kStart, 1, true);
  tally.add("p.example", "d.example", kStart, 1, true, kStart - hours(23));
  tally.add("p.example", "d.example", kStart, 1, true, kStart - hours(24));
  const auto all = tally.take();
  EXPECT_EQ(all.begin()->second.begin()->second,
            (KnownGoodCounts{.sends = 3, .days = 3, .failed = 2, .again = 1}));
}

}  // namespace
}  // namespace suppressd
