#include "suppressd/core/domain_sends.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kStart = from_unix(1'790'000'000 / 3600 * 3600);

TEST(Fault, only_categories_that_may_be_the_hosts_are) {
  EXPECT_EQ(fault_of(Category::connection), Fault::host);
  EXPECT_EQ(fault_of(Category::dns), Fault::host);
  EXPECT_EQ(fault_of(Category::greylisted), Fault::either);
  EXPECT_EQ(fault_of(Category::server_error), Fault::either);
  EXPECT_EQ(fault_of(Category::undetermined_temporary), Fault::either);
  EXPECT_EQ(fault_of(Category::mailbox_full), Fault::address);
  EXPECT_EQ(fault_of(Category::recipient_refused), Fault::address);
}

TEST(TakesMail, nine_of_ten_are_enough_and_none_of_none_is_not) {
  EXPECT_TRUE(takes_mail({.taken = 9, .failed = 1}));
  EXPECT_FALSE(takes_mail({.taken = 8, .failed = 1}));
  EXPECT_TRUE(takes_mail({.taken = 1, .failed = 0}));
  EXPECT_FALSE(takes_mail({.taken = 0, .failed = 0}));
}

TEST(DomainHistory, hours_before_and_after_a_life_do_not_count) {
  DomainHistory history;
  for (int hour = 0; hour < 5; ++hour) history.add(kStart + hours(hour), {.taken = 1, .failed = 10});
  const auto sends = history.between(kStart + hours(1) + minutes(30), kStart + hours(3) + minutes(59));
  EXPECT_EQ(sends, (DomainSends{.taken = 3, .failed = 30}));
  EXPECT_EQ(history.between(kStart + hours(3), kStart + hours(1)), DomainSends{});
}

TEST(DomainHistory, what_is_added_in_any_order_and_pieces_is_the_same) {
  DomainHistory early;
  early.delivered = kStart;
  early.add(kStart, {.taken = 1, .failed = 0});
  early.add(kStart + kDomainHoursKept - hours(1), {.taken = 2, .failed = 0});
  DomainHistory late;
  late.delivered = kStart + hours(2);
  late.add(kStart + kDomainHoursKept, {.taken = 0, .failed = 4});
  DomainHistory one;
  one.add(early);
  one.add(late);
  DomainHistory other;
  other.add(late);
  other.add(early);
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.delivered, late.delivered);
  EXPECT_EQ(one.hours.size(), 2U) << "the first hour is too old";
}

TEST(DomainTally, a_delivery_that_was_known_adds_nothing) {
  DomainTally tally;
  tally.add_delivery("b.example", kStart);
  tally.forget_delivery("b.example", kStart);
  tally.add_failure("b.example", kStart);
  tally.see_delivery("b.example", kStart + hours(1));
  ASSERT_NE(tally.find("b.example"), nullptr);
  EXPECT_EQ(tally.find("b.example")->between(kStart, kStart), (DomainSends{.taken = 0, .failed = 1}));
  EXPECT_EQ(tally.find("b.example")->delivered, kStart + hours(1));
  EXPECT_EQ(tally.find("a.example"), nullptr);
  EXPECT_EQ(tally.take().size(), 1U);
  EXPECT_EQ(tally.find("b.example"), nullptr);
}

}  // namespace
}  // namespace suppressd
