#include "suppressd/core/newest_deliveries.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "suppressd/core/history_filter.h"

namespace suppressd {
namespace {

std::string told(NewestDeliveries& deliveries) {
  const auto sorted = deliveries.take_sorted();
  std::string text;
  for (SortedDeliveries::Reader rows(sorted); rows.next();) {
    const auto [address, at, queue_id] = rows.row();
    text += std::string(address) + " " + std::to_string(to_unix(at)) + " " + std::string(queue_id) + "\n";
  }
  return text;
}

TEST(NewestDeliveries, the_newest_of_each_address_stands_in_the_order_of_addresses) {
  NewestDeliveries deliveries;
  deliveries.add("someone.else@b.example", from_unix(20), "B1");
  deliveries.add("someone@b.example", from_unix(20), "A1");
  deliveries.add("a@b.example", from_unix(20), "C1");
  deliveries.add("someone@b.example", from_unix(30), "LONGER-ID");
  deliveries.add("someone@b.example", from_unix(25), "OLDER");
  deliveries.add("a@b.example", from_unix(20), "SAME-TIME");
  deliveries.add("someone@b.example", from_unix(31), "A2");
  EXPECT_EQ(told(deliveries), "a@b.example 20 C1\nsomeone.else@b.example 20 B1\nsomeone@b.example 31 A2\n");
}

TEST(NewestDeliveries, what_was_taken_out_is_forgotten_until_the_next) {
  NewestDeliveries deliveries;
  NewestDelivery newest;
  EXPECT_FALSE(deliveries.take_out("a@b.example", newest));
  deliveries.add("a@b.example", from_unix(20), "A1");
  ASSERT_TRUE(deliveries.take_out("a@b.example", newest));
  EXPECT_EQ(newest.address, "a@b.example");
  EXPECT_EQ(newest.at, from_unix(20));
  EXPECT_EQ(newest.queue_id, "A1");
  EXPECT_FALSE(deliveries.take_out("a@b.example", newest));
  EXPECT_FALSE(deliveries.take_out("b@b.example", newest));
  EXPECT_EQ(told(deliveries), "");
  deliveries.add("a@b.example", from_unix(10), "A2");
  EXPECT_EQ(told(deliveries), "a@b.example 10 A2\n");
}

TEST(NewestDeliveries, many_are_what_a_map_would_hold) {
  std::mt19937 dice(1);
  for (int round = 0; round < 2; ++round) {
    NewestDeliveries deliveries;
    std::map<std::string, std::pair<int, std::string>> expected;
    for (int i = 0; i < 50000; ++i) {
      const auto address =
          "user" + std::to_string(dice() % 8000) + "@" + std::string(dice() % 40, 'x') + ".example";
      const int at = static_cast<int>(dice() % 1000000);
      const std::string id(1 + dice() % 20, static_cast<char>('A' + dice() % 26));
      deliveries.add(address, from_unix(at), id);
      auto& [newest, of] = expected[address];
      if (of.empty() || at > newest) {
        newest = at;
        of = id;
      }
    }
    std::string text;
    for (const auto& [address, newest] : expected)
      text += address + " " + std::to_string(newest.first) + " " + newest.second + "\n";
    EXPECT_TRUE(told(deliveries) == text);
  }
}

TEST(NewestDeliveries, says_when_it_is_time_to_store_them) {
  NewestDeliveries deliveries;
  int added = 0;
  for (; !deliveries.full(); ++added)
    deliveries.add("user" + std::to_string(added) + "@b.example", from_unix(added), "A1");
  EXPECT_GT(added, 10000);
  EXPECT_EQ(deliveries.take_sorted().size(), static_cast<std::size_t>(added));
}

TEST(HistoryFilter, knows_addresses_and_whole_domains) {
  HistoryFilter filter(10);
  filter.add("known@b.example");
  EXPECT_TRUE(filter.may_contain("known@b.example"));
  EXPECT_FALSE(filter.may_contain("other@b.example"));
  EXPECT_FALSE(filter.may_contain("other@exempt.example"));
  filter.add("@exempt.example");
  EXPECT_TRUE(filter.may_contain("other@exempt.example"));
  EXPECT_FALSE(filter.may_contain("other@b.example"));
  EXPECT_FALSE(filter.may_contain("other@sub.b.example"));
  filter.add("@.b.example");
  EXPECT_TRUE(filter.may_contain("other@sub.b.example"));
  EXPECT_FALSE(filter.may_contain("other@b.example"));
}

TEST(HistoryFilter, does_not_miss_what_is_known_of_the_address_without_its_extension) {
  HistoryFilter filter(10, "+");
  filter.add("known@b.example");
  EXPECT_TRUE(filter.may_contain("known+tag@b.example"));
  EXPECT_FALSE(filter.may_contain("other+tag@b.example"));
}

}  // namespace
}  // namespace suppressd
