// Breakers: pauses, tests, and how often a test lets a good or a bad list pass.
#include "suppressd/core/breaker.h"

#include <random>

#include <gtest/gtest.h>

#include "suppressd/core/rate.h"
#include "suppressd/core/test_tickets.h"

namespace suppressd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kOpened = from_unix(1795219200 + 600);  // ten past a full hour
const BreakerPlace kSpring{BreakerDimension::campaign, "spring"};

BreakerSettings watching() {
  BreakerSettings settings;
  settings.dimensions = {BreakerDimension::campaign};
  return settings;
}

BreakerAlert alert(std::int64_t id = 1, Time opened = kOpened) {
  return {.id = id, .place = kSpring, .opened = opened, .why = "hard failures 12.0 %", .brought_by = {}};
}

/// 400 messages, as they are in the middle of a test.
BreakerTest test_of(std::int64_t ended, std::int64_t dead, Time first = kOpened + hours(1)) {
  return {.messages = 400, .sends = 400, .ended = ended, .dead = dead, .first = first};
}

class BreakerSteps : public testing::Test {
 protected:
  /// One look; whether the breaker has changed.
  bool look(Time now) {
    const auto changed = step(view, settings, now);
    for (const auto& breaker : changed) {
      view.breakers = {breaker};
      if (breaker.state == BreakerState::testing) view.tests.clear();
    }
    return !changed.empty();
  }
  BreakerState state() const { return view.breakers.at(0).state; }
  void test_fails(Time now) {
    ASSERT_EQ(state(), BreakerState::testing);
    view.tests[kSpring] = test_of(400, 20, now);
    ASSERT_TRUE(look(now));
  }

  BreakerSettings settings = watching();
  BreakerView view{.breakers = {}, .alerts = {alert()}, .tests = {}, .newest_alerts = {{kSpring, 1}}};
};

TEST_F(BreakerSteps, it_is_open_for_one_hour_from_the_alert_on_then_tests) {
  ASSERT_TRUE(look(kOpened + seconds(2)));
  EXPECT_EQ(state(), BreakerState::paused);
  EXPECT_EQ(view.breakers[0].until, kOpened + hours(1));
  EXPECT_EQ(words_of(view.breakers[0]),
            "campaign spring is paused until " + format_time(kOpened + hours(1)) + ": hard failures 12.0 %");
  EXPECT_FALSE(look(kOpened + minutes(59)));
  ASSERT_TRUE(look(kOpened + hours(1)));
  EXPECT_EQ(state(), BreakerState::testing);
  EXPECT_FALSE(look(kOpened + hours(3))) << "no message yet";
}

TEST_F(BreakerSteps, the_test_is_judged_when_nine_of_ten_have_ended_or_after_four_hours) {
  look(kOpened);
  look(kOpened + hours(1));
  view.tests[kSpring] = test_of(359, 0);
  EXPECT_FALSE(look(kOpened + hours(2)));
  auto few = view;
  few.tests[kSpring] = {.messages = 40, .sends = 40, .ended = 30, .dead = 0, .first = kOpened + hours(1)};
  EXPECT_TRUE(step(few, settings, kOpened + hours(4)).empty());
  EXPECT_EQ(step(few, settings, kOpened + hours(5)).at(0).state, BreakerState::closed);
  few.tests[kSpring].dead = 2;
  EXPECT_EQ(step(few, settings, kOpened + hours(5)).at(0).state, BreakerState::paused) << "2 of 30";
  few.tests[kSpring].ended = few.tests[kSpring].dead = 0;
  EXPECT_EQ(step(few, settings, kOpened + hours(5)).at(0).state, BreakerState::paused) << "nothing is known";
  view.tests[kSpring] = test_of(360, 8);
  ASSERT_TRUE(look(kOpened + hours(2)));
  EXPECT_EQ(state(), BreakerState::closed) << "at most 8 dead pass";
}

TEST_F(BreakerSteps, the_ninth_dead_address_ends_a_test_at_once) {
  look(kOpened);
  look(kOpened + hours(1));
  view.tests[kSpring] = test_of(100, 9);
  ASSERT_TRUE(look(kOpened + hours(2)));
  EXPECT_EQ(state(), BreakerState::paused);
  EXPECT_EQ(view.breakers[0].until, kOpened + hours(2 + 4));
}

TEST_F(BreakerSteps, after_the_third_test_only_a_hand_ends_it) {
  look(kOpened);
  auto now = kOpened;
  for (const int pause : {1, 4, 24}) {
    EXPECT_EQ(state(), BreakerState::paused);
    EXPECT_FALSE(look(now + hours(pause) - seconds(1)));
    now += hours(pause);
    ASSERT_TRUE(look(now));
    test_fails(now);
  }
  EXPECT_EQ(state(), BreakerState::by_hand);
  view.alerts = {alert(7, now + hours(1))};
  EXPECT_FALSE(look(now + hours(1000)));
  view.newest_alerts[kSpring] = 7;
  view.breakers = {resume(view.breakers[0], 7, hours(24 * 7), "anna", "list was cleaned", now)};
  EXPECT_EQ(state(), BreakerState::resumed);
  EXPECT_FALSE(look(now + hours(24 * 7) - seconds(1))) << "whatever its rates are";
  ASSERT_TRUE(look(now + hours(24 * 7)));
  EXPECT_EQ(state(), BreakerState::paused) << "the alert is still open";
}

TEST_F(BreakerSteps, after_a_test_that_passed_only_another_alert_opens_it) {
  look(kOpened);
  look(kOpened + hours(1));
  view.newest_alerts[kSpring] = 3;  // opened during the pause
  view.tests[kSpring] = test_of(400, 1);
  look(kOpened + hours(2));
  ASSERT_EQ(state(), BreakerState::closed);
  view.alerts = {alert(1), alert(3, kOpened + minutes(90))};
  EXPECT_FALSE(look(kOpened + hours(3)));
  EXPECT_EQ(view.breakers[0].counted_from, rate_hour(kOpened + hours(1))) << "sends since the test batch";
  view.alerts.push_back(alert(4, kOpened + hours(5)));
  ASSERT_TRUE(look(kOpened + hours(5)));
  EXPECT_EQ(view.breakers[0].until, kOpened + hours(6)) << "it begins with the first pause again";
}

TEST_F(BreakerSteps, after_a_pause_within_one_hour_the_sends_of_the_next_hour_count) {
  settings.pauses = {minutes(5)};
  look(kOpened);
  look(kOpened + minutes(5));
  EXPECT_EQ(view.breakers[0].counted_from, rate_hour(kOpened) + hours(1));
}

TEST_F(BreakerSteps, what_is_not_watched_or_no_news_or_has_no_name_is_not_paused) {
  EXPECT_FALSE(look(kOpened + hours(25))) << "an old log was read";
  view.alerts[0].place.name = "";
  EXPECT_FALSE(look(kOpened));
  view.alerts[0].place.name = "other";
  EXPECT_FALSE(look(kOpened));
  view.alerts[0].place = {BreakerDimension::sender_domain, "shop.example"};
  EXPECT_FALSE(look(kOpened));
}

TEST_F(BreakerSteps, a_dimension_that_is_watched_no_more_stands_still) {
  look(kOpened);
  settings.dimensions = {BreakerDimension::account};
  EXPECT_FALSE(look(kOpened + hours(2)));
}

/// Whether a list of that share of dead addresses comes through one of the three tests.
bool closes(double dead, std::mt19937& random) {
  std::bernoulli_distribution is_dead(dead);
  const auto settings = watching();
  BreakerView view{.breakers = {}, .alerts = {alert()}, .tests = {}, .newest_alerts = {}};
  auto now = kOpened;
  for (;;) {
    for (auto& breaker : step(view, settings, now)) view.breakers = {std::move(breaker)};
    const auto& breaker = view.breakers.at(0);
    if (breaker.state == BreakerState::closed) return true;
    if (breaker.state == BreakerState::by_hand) return false;
    if (breaker.state == BreakerState::paused) {
      if (now < *breaker.until) now = *breaker.until;
      view.tests.clear();
      continue;
    }
    auto& sent = view.tests[kSpring];
    if (sent.messages == 400) {  // judged in the next look
      now += minutes(1);
      sent.ended = 400;
      continue;
    }
    if (!sent.first) sent.first = now;
    ++sent.messages;
    ++sent.sends;
    ++sent.ended;
    sent.dead += is_dead(random) ? 1 : 0;
  }
}

int trials_that_close(double dead, unsigned seed) {
  int closed = 0;
  for (unsigned trial = 0; trial < 100; ++trial) {
    std::mt19937 random(seed + trial);
    closed += closes(dead, random) ? 1 : 0;
  }
  return closed;
}

TEST(BreakerTrials, a_list_with_one_percent_dead_passes_its_first_test) {
  for (const unsigned seed : {1000U, 2000U, 3000U}) {
    int passed = 0;
    for (unsigned trial = 0; trial < 100; ++trial) {
      std::mt19937 random(seed + trial);
      std::bernoulli_distribution is_dead(0.01);
      BreakerTest test{.messages = 400, .sends = 400, .ended = 400, .dead = 0, .first = kOpened};
      for (int i = 0; i < 400; ++i) test.dead += is_dead(random) ? 1 : 0;
      Breaker breaker;
      breaker.state = BreakerState::testing;
      passed += advance(breaker, test, 0, watching(), kOpened).state == BreakerState::closed ? 1 : 0;
    }
    EXPECT_GE(passed, 95) << seed;
    EXPECT_GE(trials_that_close(0.01, seed), 95) << seed;
  }
}

TEST(BreakerTrials, a_list_with_five_percent_dead_passes_none_of_three) {
  for (const unsigned seed : {1000U, 2000U, 3000U}) EXPECT_LE(trials_that_close(0.05, seed), 5) << seed;
}

TEST(TestTickets, a_ticket_counts_until_its_message_is_stored_or_did_not_go) {
  int woken = 0;
  TestTickets tickets([&woken] { ++woken; });
  EXPECT_EQ(tickets.take(kSpring), 1);
  EXPECT_EQ(tickets.take(kSpring), 2);
  EXPECT_EQ(tickets.take({BreakerDimension::source, "spring"}), 1);
  tickets.release(kSpring);
  EXPECT_EQ(tickets.take(kSpring), 2);
  EXPECT_TRUE(tickets.waiting().empty());
  const TestMessage message{
      .place = kSpring, .queue_id = "4Q", .since = kOpened, .recipients = 1, .failed = {}};
  tickets.sent(message);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(tickets.waiting(), std::vector{message});
  EXPECT_EQ(tickets.take(kSpring), 3) << "it is not stored yet";
  tickets.stored(1);
  EXPECT_TRUE(tickets.waiting().empty());
  EXPECT_EQ(tickets.take(kSpring), 3);
}

}  // namespace
}  // namespace suppressd
