#include "suppressd/core/rate.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

const Time kNoon = from_unix(1793534400);  // 2026-11-01T12:00:00Z

TEST(Rate, a_sender_belongs_to_its_organisational_domain) {
  EXPECT_EQ(sender_domain_of("bounce+x@news.shop.co.uk"), "shop.co.uk");
  EXPECT_EQ(sender_domain_of("\"a@b\"@shop.example"), "shop.example");
  EXPECT_EQ(sender_domain_of(""), "") << "the log does not tell it";
}

TEST(Rate, names_of_dimensions_read_back) {
  for (const auto dimension : kKeyDimensions) EXPECT_EQ(rate_dimension_from(name_of(dimension)), dimension);
  for (const auto dimension : kTagDimensions) EXPECT_EQ(rate_dimension_from(name_of(dimension)), dimension);
  EXPECT_EQ(rate_dimension_from("nonsense"), std::nullopt);
}

TEST(Rate, sends_are_counted_in_each_dimension_by_the_hour_of_their_entry) {
  RateTally tally;
  const RateKeys one{.sender_domain = "shop.example", .provider = "google.com"};
  const RateKeys two{.sender_domain = "shop.example", .provider = "gmx.net"};
  tally.add(one, {}, kNoon, kDelivered);
  tally.add(one, {}, kNoon + std::chrono::minutes(59), {.sent = 1, .dead = 1});
  tally.add(two, {}, kNoon + std::chrono::hours(1), kDelivered);
  const auto buckets = tally.take();
  const RateName sender{RateDimension::sender_domain, "shop.example"};
  const RateName both{RateDimension::sender_domain_provider, "shop.example/google.com"};
  EXPECT_EQ(buckets.size(), 5U);
  EXPECT_EQ(buckets.at(sender).at(kNoon), (RateCounts{.sent = 2, .delivered = 1, .dead = 1}));
  EXPECT_EQ(buckets.at(sender).at(kNoon + std::chrono::hours(1)), kDelivered);
  EXPECT_EQ(buckets.at(both).size(), 1U);
  EXPECT_TRUE(tally.take().empty());
}

TEST(Rate, a_tag_counts_under_its_name_and_mail_without_one_under_none) {
  RateTally tally;
  const RateKeys keys{.sender_domain = "shop.example", .provider = "google.com"};
  const Tags tags{.campaign = "summer", .account = "shop", .contact = "c7"};
  tally.add(keys, tags, kNoon, kDelivered);
  tally.add({.sender_domain = "other.example", .provider = "gmx.net"}, {.campaign = "summer"}, kNoon,
            kRelayed);
  tally.add(keys, {}, kNoon, kDelivered);
  const auto buckets = tally.take();
  EXPECT_EQ(buckets.size(), 8U);
  EXPECT_EQ(buckets.at({RateDimension::campaign, "summer"}).at(kNoon),
            (RateCounts{.sent = 2, .delivered = 1}));
  EXPECT_EQ(buckets.at({RateDimension::account, "shop"}).at(kNoon), kDelivered);
  EXPECT_TRUE(tally.take().empty());
}

TEST(Rate, what_is_taken_out_is_as_if_it_had_not_been) {
  RateTally tally;
  const RateKeys keys{.sender_domain = "shop.example", .provider = "google.com"};
  const RateCounts dead{.sent = 1, .dead = 1};
  tally.add(keys, {}, kNoon, dead);
  tally.add(keys, {}, kNoon, -dead);
  for (const auto& [place, hours] : tally.take()) EXPECT_EQ(hours.at(kNoon), RateCounts{}) << place.name;
}

TEST(Rate, an_unknown_sender_is_counted_under_no_name_and_an_unknown_provider_not) {
  RateTally tally;
  tally.add("", "", {}, kNoon, kDelivered);
  const auto buckets = tally.take();
  ASSERT_EQ(buckets.size(), 1U);
  EXPECT_EQ(buckets.begin()->first, (RateName{RateDimension::sender_domain, ""}));
}

TEST(Rate, many_keys_are_full_before_they_are_large) {
  RateTally tally;
  for (int i = 0; i < 30000; ++i)
    tally.add("shop.example", "gmx.net", {.campaign = std::to_string(i)}, kNoon, kDelivered);
  EXPECT_FALSE(tally.full());
  for (int i = 0; i < 30000 && !tally.full(); ++i)
    tally.add("shop.example", std::to_string(i), {}, kNoon, kDelivered);
  EXPECT_TRUE(tally.full());
  EXPECT_LE(tally.take().size(), 110000U);
  EXPECT_FALSE(tally.full());
}

}  // namespace
}  // namespace suppressd
