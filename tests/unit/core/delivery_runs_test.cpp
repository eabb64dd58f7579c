#include "suppressd/core/delivery_runs.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using Rows = std::map<std::string, std::pair<std::int64_t, std::string>>;  // by address: time and queue id

SortedDeliveries sorted(const Rows& run) {
  SortedDeliveries deliveries(run.size());
  for (const auto& [address, newest] : run) deliveries.add({address, from_unix(newest.first), newest.second});
  return deliveries;
}

std::string told(const DeliveryRuns& runs) {
  std::string text;
  for (DeliveryRuns::Reader reader(runs); !reader.done(); reader.advance()) {
    const auto [address, at, queue_id] = reader.row();
    text += std::string(address) + " " + std::to_string(to_unix(at)) + " " + std::string(queue_id) + "\n";
  }
  return text;
}

TEST(DeliveryRuns, none_are_none) {
  DeliveryRuns runs;
  NewestDelivery newest;
  EXPECT_EQ(told(runs), "");
  runs.add(SortedDeliveries{});
  EXPECT_TRUE(runs.empty());
  EXPECT_FALSE(runs.take_out("a@b.example", newest));
}

TEST(DeliveryRuns, the_newest_of_each_address_and_the_first_of_the_same_time) {
  DeliveryRuns runs;
  runs.add(sorted({{"a@b.example", {20, "A1"}}, {"b@b.example", {20, "B1"}}, {"c@b.example", {20, "C1"}}}));
  runs.add(sorted({{"a@b.example", {20, "A2"}}, {"b@b.example", {30, "B2"}}, {"d@b.example", {5, "D2"}}}));
  runs.add(sorted({{"b@b.example", {25, "B3"}}, {"c@b.example", {10, "C3"}}}));
  EXPECT_EQ(told(runs), "a@b.example 20 A1\nb@b.example 30 B2\nc@b.example 20 C1\nd@b.example 5 D2\n");
}

TEST(DeliveryRuns, what_was_taken_out_is_left_out) {
  DeliveryRuns runs;
  runs.add(sorted({{"a@b.example", {20, "A1"}}, {"b@b.example", {20, "B1"}}, {"z@b.example", {20, "Z1"}}}));
  runs.add(sorted({{"a@b.example", {20, "A2"}}, {"b@b.example", {30, "B2"}}}));
  NewestDelivery newest;
  ASSERT_TRUE(runs.take_out("a@b.example", newest));
  EXPECT_EQ(newest.queue_id, "A1");
  ASSERT_TRUE(runs.take_out("z@b.example", newest));
  EXPECT_FALSE(runs.take_out("a@b.example", newest));
  EXPECT_FALSE(runs.take_out("c@b.example", newest));
  EXPECT_EQ(told(runs), "b@b.example 30 B2\n");
}

TEST(DeliveryRuns, many_are_what_a_map_would_hold) {
  std::mt19937 dice(1);
  for (int round = 0; round < 5; ++round) {
    DeliveryRuns runs;
    Rows expected;
    for (int nth = 0; nth < 12; ++nth) {
      Rows run;
      for (int i = 0; i < 1500; ++i)
        run["user" + std::to_string(dice() % 5000) + "@b.example"] = {
            dice() % 50, std::to_string(nth) + "X" + std::to_string(i)};
      runs.add(sorted(run));
      for (const auto& [address, newest] : run) {
        auto& known = expected[address];
        if (known.second.empty() || newest.first > known.first) known = newest;
      }
    }
    for (int i = 0; i < 300; ++i) {
      const auto address = "user" + std::to_string(dice() % 5000) + "@b.example";
      NewestDelivery newest;
      const auto known = expected.find(address);
      ASSERT_EQ(runs.take_out(address, newest), known != expected.end());
      if (known == expected.end()) continue;
      EXPECT_EQ(newest.at, from_unix(known->second.first));
      EXPECT_EQ(newest.queue_id, known->second.second);
      expected.erase(known);
    }
    std::string text;
    for (const auto& [address, newest] : expected)
      text += address + " " + std::to_string(newest.first) + " " + newest.second + "\n";
    EXPECT_TRUE(told(runs) == text);
  }
}

TEST(DeliveryRuns, says_when_it_is_time_to_store_them) {
  DeliveryRuns runs;
  int added = 0;
  for (; !runs.full(); ++added) {
    Rows run;
    for (int i = 0; i < 1000; ++i) run["user" + std::to_string(i) + "@b.example"] = {added, "4XA0001"};
    runs.add(sorted(run));
    ASSERT_LT(added, 10000);
  }
  EXPECT_GT(added, 10);
}

}  // namespace
}  // namespace suppressd
