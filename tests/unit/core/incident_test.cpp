#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "suppressd/core/incident_finder.h"

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
  /// That long after kStart, of domains that are not looked at by themselves.
  void add(Duration at, const KnownGoodCounts& counts) { finder.add(kStart + at, counts); }
  void add(const std::string& domain, Duration at, const KnownGoodCounts& counts) {
    if (!finder.tracks(domain)) finder.track(domain, {});
    finder.add(kStart + at, counts);
    finder.add(domain, kStart + at, counts);
  }
  /// The same counts in each five minutes of [begin, end), after kStart.
  void send(Duration begin, Duration end, const KnownGoodCounts& each) {
    for (auto at = begin; at < end; at += kKnownGoodBucket) add(at, each);
  }
  void send(const std::string& domain, Duration begin, Duration end, const KnownGoodCounts& each) {
    for (auto at = begin; at < end; at += kKnownGoodBucket) add(domain, at, each);
  }
  /// '': of the provider.
  std::vector<IncidentSpan> found(const std::string& domain = {}) {
    const auto spans = finder.incidents().find(domain);
    return spans == finder.incidents().end() ? std::vector<IncidentSpan>{} : spans->second;
  }

  IncidentFinder finder;
};

TEST_F(IncidentTest, three_addresses_of_a_small_domain_that_fail_within_five_minutes_open_one) {
  send(hours(0), hours(20), counts(1, 0));
  add(hours(20), counts(2, 2));
  EXPECT_TRUE(found().empty()) << "two are too few";
  add(hours(20), counts(1, 1));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].opened, kStart + hours(20) + minutes(5));
  EXPECT_EQ(found()[0].since, kStart + hours(19)) << "an hour before the first";
  EXPECT_FALSE(found()[0].closed);
  EXPECT_EQ(found()[0].failed, 3);
}

TEST_F(IncidentTest, one_address_that_fails_again_and_again_opens_none) {
  send(hours(0), hours(20), {.sends = 2, .days = 2, .failed = 0, .again = 1});
  add(hours(20), counts(1, 1));
  EXPECT_TRUE(found().empty());
}

TEST_F(IncidentTest, what_chance_explains_opens_none) {
  // 100,000 days of known-good addresses: a hundred deaths are expected, and less than four times as many.
  add(hours(0), counts(100'000, 399));
  EXPECT_TRUE(found().empty());
  add(hours(0), counts(0, 1));
  EXPECT_EQ(found().size(), 1U);
}

TEST_F(IncidentTest, addresses_that_got_no_mail_for_long_may_have_died_since) {
  add(hours(0), counts(33'000, 4'950, 135));
  EXPECT_TRUE(found().empty()) << "15 % of 33,000 after 135 days: 4,455 expected";
}

TEST_F(IncidentTest, it_closes_after_an_hour_in_which_few_fail) {
  send(hours(0), hours(4), counts(100, 50));
  send(hours(4), hours(4) + minutes(55), counts(100, 0));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_FALSE(found()[0].closed) << "55 minutes are not enough";
  add(hours(4) + minutes(55), counts(100, 0));
  EXPECT_EQ(found()[0].closed, kStart + hours(5)) << "the hour without failures";
}

TEST_F(IncidentTest, where_a_few_of_many_fail_it_takes_more_sends_to_see_that_it_is_over) {
  // 1 % fail: 20 / 0.01 sends are needed.
  send(hours(0), hours(10), counts(50, 0));
  send(hours(10), hours(14), {.sends = 50, .days = 50, .failed = 1, .again = 0});
  ASSERT_EQ(found().size(), 1U);
  send(hours(14), hours(14) + minutes(150), counts(10, 0));
  EXPECT_FALSE(found()[0].closed);
  send(hours(17), hours(30), counts(50, 0));
  EXPECT_TRUE(found()[0].closed);
}

TEST_F(IncidentTest, attempts_that_the_mta_keeps_show_that_it_goes_on) {
  const KnownGoodCounts kept{.sends = 0, .days = 0, .failed = 20, .again = 0};
  send(hours(0), hours(1), counts(50, 0));
  add(hours(1), counts(4, 4));
  for (int minute = 5; minute < 180; minute += 5) {
    add(hours(1) + minutes(minute), counts(50, 0));
    add(hours(1) + minutes(minute), kept);
  }
  ASSERT_EQ(found().size(), 1U);
  EXPECT_FALSE(found()[0].closed);
  send(hours(4), hours(12), counts(50, 0));
  EXPECT_TRUE(found()[0].closed);
}

TEST_F(IncidentTest, it_is_over_after_thirty_days_without_a_send) {
  add(hours(0), counts(10, 10));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].end(), kStart + minutes(5) + kIncidentSilence);
  add(hours(24 * 31), counts(10, 10));
  ASSERT_EQ(found().size(), 2U);
  EXPECT_EQ(found()[0].closed, kStart + minutes(5) + kIncidentSilence);
  EXPECT_EQ(found()[1].opened, kStart + hours(24 * 31) + minutes(5));
}

TEST_F(IncidentTest, nothing_before_the_last_one_closed_counts_for_the_next) {
  add(hours(0), counts(10, 10));
  send(hours(1), hours(4), counts(3, 0));
  ASSERT_EQ(found().size(), 1U);
  ASSERT_TRUE(found()[0].closed);
  add(hours(5), counts(2, 2));
  EXPECT_EQ(found().size(), 1U);
  add(hours(6), counts(3, 3));
  ASSERT_EQ(found().size(), 2U);
  EXPECT_GE(found()[1].since, *found()[0].closed);
}

TEST_F(IncidentTest, a_series_begins_where_an_older_incident_closed) {
  finder.know({}, {.begin = kStart + hours(1)});
  add(hours(0), counts(10, 10));
  EXPECT_TRUE(found().empty());
}

TEST_F(IncidentTest, none_opens_where_older_counts_may_be_incomplete) {
  finder = IncidentFinder({.opens_from = kStart + hours(1)});
  add(hours(0), counts(10, 10));
  EXPECT_TRUE(found().empty());
  add(hours(1), counts(3, 3));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].opened, kStart + hours(1) + minutes(5));
}

TEST_F(IncidentTest, sends_are_counted_between_two_times) {
  send(hours(0), hours(2), counts(3, 0));
  EXPECT_EQ(finder.counts(kStart + hours(1), kStart + hours(2)).sends, 36);
  EXPECT_EQ(finder.counts(kStart + hours(3), kStart + hours(4)).sends, 0);
}

TEST_F(IncidentTest, few_failures_say_little_of_how_many_fail_so_it_takes_longer_to_see_that_it_is_over) {
  // Three of three fail, of 243 in the hour before: not all did.
  send(hours(0), hours(20), counts(20, 0));
  add(hours(20), counts(3, 3));
  send(hours(20) + minutes(5), hours(22), counts(20, 0));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_FALSE(found()[0].closed) << "460 sends are fewer than 20 / (3 / 243)";
  send(hours(22), hours(30), counts(20, 0));
  EXPECT_TRUE(found()[0].closed);
}

TEST_F(IncidentTest, what_fails_in_one_domain_is_an_incident_of_that_domain_only) {
  send("big.example", hours(0), hours(20), counts(700, 0));
  send("company.example", hours(0), hours(20), counts(3, 0));
  send("big.example", hours(20), hours(30), counts(700, 0));
  send("company.example", hours(20), hours(30), counts(3, 3));
  EXPECT_EQ(found("company.example").size(), 1U);
  EXPECT_TRUE(found("big.example").empty());
  EXPECT_TRUE(found().empty()) << "360 of a provider's that fail would be an incident there, too";
  EXPECT_EQ(finder.counts(kStart + hours(20), kStart + hours(21)).sends, 8400) << "without the company's";
}

TEST_F(IncidentTest, beside_a_domain_the_rest_of_its_provider_needs_less_evidence) {
  // 3 of 70 days are more than chance gives (0.07 expected: 5e-5), but not so improbable that they alone are
  // an incident.
  send("a.example", hours(0), hours(20), counts(1, 0));
  send("b.example", hours(0), hours(20), counts(70, 0));
  add("b.example", hours(20), counts(70, 3));
  EXPECT_TRUE(found().empty());
  EXPECT_TRUE(found("b.example").empty());
  add("a.example", hours(20), counts(3, 3));
  EXPECT_EQ(found("a.example").size(), 1U);
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].failed, 3) << "without those of the domain";
  EXPECT_TRUE(found("b.example").empty());
}

TEST_F(IncidentTest, while_that_of_the_provider_is_open_none_opens_for_its_domains) {
  send(hours(0), hours(20), counts(100, 0));
  add(hours(20), counts(50, 50));
  ASSERT_EQ(found().size(), 1U);
  add("a.example", hours(20) + minutes(5), counts(50, 50));
  EXPECT_TRUE(found("a.example").empty());
  send("a.example", hours(21), hours(30), counts(50, 0));
  ASSERT_TRUE(found()[0].closed);
  add("a.example", hours(30), counts(2, 2));
  EXPECT_TRUE(found("a.example").empty()) << "what failed before the provider's closed counts no more";
  add("a.example", hours(30), counts(1, 1));
  ASSERT_EQ(found("a.example").size(), 1U);
  EXPECT_GE(found("a.example")[0].since, *found()[0].closed);
}

TEST_F(IncidentTest, that_of_a_provider_stays_when_a_domain_fails_worse_later) {
  send("a.example", hours(0), hours(20), counts(50, 0));
  send("b.example", hours(0), hours(20), counts(50, 0));
  for (const auto* domain : {"a.example", "b.example"}) send(domain, hours(20), hours(21), counts(50, 1));
  ASSERT_EQ(found().size(), 1U);
  const auto before = found()[0];
  send("a.example", hours(21), hours(24), counts(50, 50));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].since, before.since);
  EXPECT_EQ(found()[0].opened, before.opened);
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

TEST(IncidentFinderTest, incidents_are_a_function_of_the_counts_whatever_their_order) {
  const std::vector<std::string> domains{"a.example", "b.example", "c.example"};
  struct Piece {
    std::string domain;
    Time start;
    KnownGoodCounts counts;
  };
  // As the learner does: a domain is tracked once an address of it failed.
  const auto read = [](const std::vector<Piece>& pieces, const auto& after_each) {
    IncidentFinder finder;
    std::map<std::string, KnownGoodBuckets> so_far;
    for (const auto& [domain, start, counts] : pieces) {
      so_far[domain][start] += counts;
      finder.add(start, counts);
      if (finder.tracks(domain))
        finder.add(domain, start, counts);
      else if (counts.failed > 0)
        finder.track(domain, so_far[domain]);
      after_each(finder);
    }
    return finder.incidents();
  };
  std::size_t of_domains = 0;
  std::size_t of_provider = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Piece> pieces;
    for (const auto& domain : domains)
      for (const auto& [start, counts] : random_counts(random)) pieces.push_back({domain, start, counts});
    std::ranges::stable_sort(pieces, {}, &Piece::start);
    const auto expected = read(pieces, [](auto&) {});
    for (const auto& [domain, spans] : expected) (domain.empty() ? of_provider : of_domains) += spans.size();
    EXPECT_EQ(read(pieces, [](auto& finder) { finder.incidents(); }), expected) << "seed " << seed;

    std::vector<Piece> halves;
    for (const auto& [domain, start, counts] : pieces) {
      const KnownGoodCounts half{counts.sends / 2, counts.days / 2, counts.failed / 2, counts.again / 2};
      auto rest = counts;
      rest -= half;
      halves.push_back({domain, start, half});
      halves.push_back({domain, start, rest});
    }
    std::ranges::shuffle(halves, random);
    const auto sometimes = [&](auto& finder) {
      if (random() % 1024 == 0) finder.incidents();
    };
    EXPECT_EQ(read(halves, sometimes), expected) << "seed " << seed;
  }
  EXPECT_GT(of_domains, 40U) << "or it shows nothing";
  EXPECT_GT(of_provider, 8U) << "or it shows nothing";
}

TEST(KnownGoodSeriesTest, sums_are_those_of_the_buckets_in_between_whatever_their_order) {
  KnownGoodSeries series;
  for (const auto place : {3, 0, 2, 3, 1})
    series.add(kStart + kKnownGoodBucket * place, counts(1 + place, 1));
  EXPECT_EQ(series.size(), 4U);
  EXPECT_EQ(series.sums(kStart, kStart + hours(1)), counts(14, 5));
  EXPECT_EQ(series.sums(kStart + minutes(5), kStart + minutes(15)), counts(5, 2));
  EXPECT_EQ(series.sums(kStart + minutes(15), kStart + minutes(15)), counts(0, 0));
  EXPECT_EQ(series.sums(kStart + hours(1), kStart + hours(2)), counts(0, 0));
}

TEST(KnownGoodTest, an_address_is_known_good_for_180_days_after_a_delivery) {
  EXPECT_FALSE(known_good_counts({}, kStart));
  EXPECT_FALSE(known_good_counts(kStart, kStart)) << "of the same second";
  EXPECT_EQ(known_good_counts(kStart - Duration(1), kStart), counts(1, 0));
  EXPECT_EQ(known_good_counts(kStart - hours(7 * 24 - 1), kStart), counts(1, 0, 7));
  EXPECT_EQ(known_good_counts(kStart - hours(180 * 24), kStart), counts(1, 0, 180));
  EXPECT_FALSE(known_good_counts(kStart - hours(180 * 24) - Duration(1), kStart));
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

HardFailures failed_at(std::initializer_list<int> hours_after_start) {
  HardFailures failures;
  for (const auto hour : hours_after_start) failures.add(kStart + hours(hour));
  return failures;
}

std::optional<KnownGoodCounts> fails(int hour, const HardFailures& before) {
  return known_good_counts(kStart - hours(1), kStart + hours(hour), true, before);
}

TEST(KnownGoodTest, an_address_counts_as_one_that_failed_once_a_day_and_twice_since_its_delivery) {
  const KnownGoodCounts failed{.sends = 1, .days = 1, .failed = 1, .again = 0};
  const KnownGoodCounts again{.sends = 1, .days = 1, .failed = 0, .again = 1};
  EXPECT_EQ(fails(0, {}), failed);
  EXPECT_EQ(fails(23, failed_at({0})), again);
  EXPECT_EQ(fails(25, failed_at({0})), failed);
  auto third = again;
  third.days = 2;
  EXPECT_EQ(fails(50, failed_at({0, 25})), third);
}

TEST(KnownGoodTest, who_failed_on_two_days_and_since_five_days_tells_nothing_more) {
  EXPECT_TRUE(fails(5 * 24 - 1, failed_at({0, 25})));
  EXPECT_FALSE(fails(5 * 24, failed_at({0, 25})));
  EXPECT_FALSE(known_good_counts(kStart - hours(1), kStart + hours(5 * 24), false, failed_at({0, 25})));
  EXPECT_TRUE(fails(7 * 24, failed_at({0}))) << "weekly mail: it may be the second bad hour";
}

}  // namespace
}  // namespace suppressd
