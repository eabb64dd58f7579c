// Warm-up: how many sends a day has, and what counts.
#include <gtest/gtest.h>

#include "suppressd/core/warm_up_day.h"

namespace suppressd {
namespace {

const Time kMorning = from_unix(1795219200);
const WarmUpSettings kSettings{.start = 200, .growth = 1.25};

class History : public WarmUpLookup {
 public:
  Result<WarmUpHistory> sends_before(std::string_view sender_domain, std::string_view provider,
                                     Time /*now*/) override {
    ++questions;
    if (broken) return Error{"database is locked"};
    const auto found = sends.find({std::string(sender_domain), std::string(provider)});
    return found == sends.end() ? WarmUpHistory{} : found->second;
  }
  Result<ProvidersOfDomains> providers_of_domains() override {
    return ProvidersOfDomains{{"company.example", "google.com"}};
  }
  Result<bool> enforcement_is_off(Time /*now*/) override { return false; }

  std::map<WarmUpPair, WarmUpHistory> sends;
  int questions = 0;
  bool broken = false;
};

TEST(WarmUp, the_limit_grows_with_each_day_and_is_never_below_what_the_best_day_allows) {
  EXPECT_EQ(warm_up_limit(kSettings, {}), 200);
  EXPECT_EQ(warm_up_limit(kSettings, {.days = 1, .most = 200}), 250);
  EXPECT_EQ(warm_up_limit(kSettings, {.days = 10, .most = 3}), 1862);
  EXPECT_EQ(warm_up_limit(kSettings, {.days = 2, .most = 100'000}), 125'000) << "it has a history";
  EXPECT_EQ(warm_up_limit(kSettings, {.days = 30, .most = 3}), std::nullopt);
  EXPECT_EQ(warm_up_limit({}, {}), std::nullopt) << "it is off";
}

class WarmUpTest : public testing::Test {
 protected:
  bool take(const std::string& recipient_domain, Time now = kMorning) {
    const auto answer = day.take({.start = 2, .growth = 2}, history, "shop.example", recipient_domain, now);
    return !answer || answer->allowed;
  }
  History history;
  WarmUpDay day;
};

TEST_F(WarmUpTest, sends_of_a_day_to_all_domains_of_a_provider_count_together) {
  EXPECT_TRUE(take("google.com"));
  EXPECT_TRUE(take("company.example"));
  EXPECT_FALSE(take("google.com"));
  EXPECT_TRUE(take("mail.other.example")) << "of an unknown domain, itself";
  EXPECT_TRUE(take("other.example"));
  EXPECT_FALSE(take("other.example"));
  EXPECT_EQ(history.questions, 2) << "once per day and pair";
  EXPECT_TRUE(take("google.com", kMorning + std::chrono::hours(24)));
}

TEST_F(WarmUpTest, what_the_log_tells_of_today_counts_and_what_was_not_sent_does_not) {
  history.sends[{"shop.example", "google.com"}] = {.days = 0, .most = 0, .today = 1};
  EXPECT_TRUE(take("company.example"));
  EXPECT_FALSE(take("company.example"));
  day.give_back({"shop.example", "google.com"});
  EXPECT_TRUE(take("company.example"));
}

TEST_F(WarmUpTest, where_the_provider_is_forgotten_an_old_sender_is_not_new) {
  history.sends[{"shop.example", ""}] = {.days = 8, .most = 50'000, .today = 40'000};
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(take("other.example"));
}

TEST_F(WarmUpTest, without_an_answer_of_the_database_mail_passes) {
  history.broken = true;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(take("google.com"));
}

}  // namespace
}  // namespace suppressd
