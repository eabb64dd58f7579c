// What the milter asks about breakers and the warm-up.
#include <gtest/gtest.h>

#include "suppressd/store/verdict_reader.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

class PauseLookUp : public StoreTest {
 protected:
  PauseLookUp() : database_(open()), reader_(path_) {}

  void breaker(const std::string& state, const std::string& name = "spring") {
    database_.execute("INSERT OR REPLACE INTO breaker VALUES ('campaign', '" + name + "', '', '" + state +
                      "', 1, 1, 99, 1, 'hard failures 12.0 %', 1, NULL, 'suppressd', '')");
  }
  std::optional<Pause> find(const std::string& name = "spring",
                            BreakerDimension dimension = BreakerDimension::campaign) {
    return must(reader_.find_pause({.dimension = dimension, .name = name, .brought_by = "local"}, kNow));
  }
  void rate(const std::string& name, Time start, int sent) {
    database_.execute("INSERT INTO rate VALUES ('sender-domain+provider', '" + name + "', " +
                      std::to_string(to_unix(start)) + ", " + std::to_string(sent) +
                      ", 0, 0, 0, 0, 0, 0, 0, 0, 0)");
  }

  Database database_;
  VerdictReader reader_;
};

TEST_F(PauseLookUp, only_what_is_paused_now_is_and_every_commit_counts_at_once) {
  EXPECT_FALSE(find());
  for (const std::string state : {"paused", "testing", "by-hand"}) {
    breaker(state);
    const auto found = find();
    ASSERT_TRUE(found) << state;
    EXPECT_EQ(name_of(found->state), state);
    EXPECT_EQ(found->until, from_unix(99));
    EXPECT_EQ(found->why, "hard failures 12.0 %");
    EXPECT_TRUE(found->enforced);
  }
  EXPECT_FALSE(find("summer"));
  EXPECT_FALSE(find("spring", BreakerDimension::source));
  for (const std::string state : {"closed", "resumed"}) {
    breaker(state);
    EXPECT_FALSE(find()) << state;
  }
}

TEST_F(PauseLookUp, enforcement_that_is_off_is_said_and_test_messages_are_counted) {
  breaker("testing");
  for (const std::string queue_id : {"4XA", "4XB"})
    database_.execute("INSERT INTO breaker_test VALUES ('campaign', 'spring', '" + queue_id +
                      "', 1, 1, 0, '[]'), ('campaign', 'summer', '" + queue_id + "', 1, 1, 0, '[]')");
  EXPECT_EQ(find()->test_messages, 2);
  database_.execute("INSERT INTO enforcement_off(since, until) VALUES (" + std::to_string(to_unix(kNow)) +
                    ", " + std::to_string(to_unix(kNow) + 60) + ")");
  EXPECT_FALSE(find()->enforced);
}

TEST_F(PauseLookUp, the_history_of_a_pair_is_counted_by_day) {
  const auto today = std::chrono::floor<std::chrono::days>(kNow);
  const std::string pair = "shop.example/google.com";
  rate(pair, today, 3);
  rate(pair, today + std::chrono::hours(1), 4);
  rate(pair, today - kDay, 100);
  rate(pair, today - kDay + std::chrono::hours(5), 50);
  rate(pair, today - 2 * kDay, 0);
  rate(pair, today - 10 * kDay, 90);
  rate(pair, today - 61 * kDay, 9000);
  rate("shop.example/other.example", today, 7);
  EXPECT_EQ(must(reader_.sends_before("shop.example", "google.com", kNow)),
            (WarmUpHistory{.days = 2, .most = 150, .today = 7}));
  EXPECT_EQ(must(reader_.sends_before("new.example", "google.com", kNow)), WarmUpHistory{});
}

TEST_F(PauseLookUp, the_provider_of_a_domain_is_where_most_of_its_mail_went) {
  for (const std::string row : {"'google.com', 'company.example', 300, 5",
                                "'old.example', 'company.example', 0, 4", "'google.com', '', 0, 100"})
    database_.execute("INSERT INTO known_good VALUES (" + row + ", 5, 0, 0)");
  EXPECT_EQ(must(reader_.providers_of_domains()), (ProvidersOfDomains{{"company.example", "google.com"}}));
}

}  // namespace
}  // namespace suppressd::test
