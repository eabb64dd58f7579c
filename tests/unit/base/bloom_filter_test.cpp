#include "suppressd/base/bloom_filter.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

std::string member(int i) {
  return "user" + std::to_string(i) + "@example.com";
}

TEST(BloomFilter, contains_every_member) {
  BloomFilter filter(1000);
  for (int i = 0; i < 1000; ++i) filter.add(member(i));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(filter.may_contain(member(i)));
}

TEST(BloomFilter, finds_few_texts_that_are_not_members) {
  constexpr int kMembers = 100000;
  BloomFilter filter(kMembers);
  for (int i = 0; i < kMembers; ++i) filter.add(member(i));
  int taken = 0;
  for (int i = kMembers; i < 2 * kMembers; ++i) taken += filter.may_contain(member(i)) ? 1 : 0;
  EXPECT_LT(taken, kMembers / 100);
}

TEST(BloomFilter, finds_nothing_without_members) {
  const BloomFilter filter(0);
  EXPECT_FALSE(filter.may_contain(""));
  EXPECT_FALSE(filter.may_contain(member(1)));
}

TEST(BloomFilter, finds_every_member_and_reports_it_when_overfull) {
  BloomFilter filter(4999);
  for (int i = 0; i < 4999; ++i) filter.add(member(i));
  EXPECT_FALSE(filter.overfull());
  filter.add(member(4999));
  EXPECT_TRUE(filter.overfull());
  for (int i = 0; i < 5000; ++i) EXPECT_TRUE(filter.may_contain(member(i)));
}

}  // namespace
}  // namespace suppressd
