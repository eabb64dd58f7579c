#include "suppressd/core/sorted_deliveries.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using Rows = std::map<std::string, std::pair<std::int64_t, std::string>>;  // by address: time and queue id

SortedDeliveries sorted(const Rows& rows) {
  SortedDeliveries deliveries(rows.size());
  for (const auto& [address, newest] : rows)
    deliveries.add({address, from_unix(newest.first), newest.second});
  return deliveries;
}

Rows told(const SortedDeliveries& deliveries) {
  Rows rows;
  for (SortedDeliveries::Reader reader(deliveries); reader.next();) {
    const auto [address, at, queue_id] = reader.row();
    EXPECT_TRUE(rows.empty() || rows.rbegin()->first < address) << address;
    rows.emplace(address, std::pair(to_unix(at), std::string(queue_id)));
  }
  return rows;
}

TEST(SortedDeliveries, none_are_none) {
  const SortedDeliveries none;
  NewestDelivery found;
  EXPECT_TRUE(told(none).empty());
  EXPECT_FALSE(none.find("a@b.example", found));
}

TEST(SortedDeliveries, addresses_that_share_more_than_their_local_part_come_back) {
  const Rows rows{{"\"a@b\"@c.example", {5, ""}},
                  {"a@b.example", {-1, "4A"}},
                  {"a@b.example.example", {1'788'000'000, "4B"}},
                  {"a@b.examples", {0, "4C"}},
                  {"a@c.example", {7, "4D"}},
                  {"aa@c.example", {7, "4D"}},
                  {"b@" + std::string(255, 'd'), {1, "4E"}},
                  {"b@" + std::string(300, 'd'), {1, "4E"}}};
  EXPECT_EQ(told(sorted(rows)), rows);
}

TEST(SortedDeliveries, each_of_many_is_found_and_no_other) {
  std::mt19937 dice(3);
  for (const std::size_t domains : {1, 7, 5000}) {  // the last are more than have a number
    Rows rows;
    for (int i = 0; i < 3000; ++i)
      rows["user" + std::to_string(dice() % 100000) + "@d" + std::to_string(dice() % domains) + ".example"] =
          {dice() % 2'000'000'000, "4X" + std::to_string(i)};
    const auto deliveries = sorted(rows);
    EXPECT_EQ(deliveries.size(), rows.size());
    EXPECT_EQ(told(deliveries), rows);
    for (const auto& [address, newest] : rows) {
      NewestDelivery found;
      ASSERT_TRUE(deliveries.find(address, found)) << address;
      EXPECT_EQ(found.address, address);
      EXPECT_EQ(found.at, from_unix(newest.first));
      EXPECT_EQ(found.queue_id, newest.second);
      for (const auto& other : {address + "x", "x" + address, address.substr(0, address.size() - 1)}) {
        EXPECT_EQ(deliveries.find(other, found), rows.contains(other)) << other;
      }
    }
  }
}

}  // namespace
}  // namespace suppressd
