#include "health.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

const Time kNow = from_unix(1795219200);

class Answering : public Lookup {
 public:
  LookupResult find(const CoveringKeys&, Time) override { return result; }
  Result<bool> exempt(const CoveringKeys&) override { return exemption; }
  LookupResult result;
  Result<bool> exemption = false;
};

TEST(WatchedLookup, knows_since_when_look_ups_fail_until_one_succeeds) {
  Answering lookup;
  WatchedLookup watched{lookup};
  watched.find({"a@b.example", {}}, kNow);
  EXPECT_FALSE(watched.trouble());
  lookup.result = {.answer = LookupResult::Answer::error, .entry = {}, .error = "locked"};
  watched.find({"a@b.example", {}}, kNow + Duration{1});
  lookup.result.error = "damaged";
  EXPECT_EQ(watched.find({"a@b.example", {}}, kNow + Duration{9}).error, "damaged");
  ASSERT_TRUE(watched.trouble());
  EXPECT_EQ(watched.trouble()->since, kNow + Duration{1});
  EXPECT_EQ(watched.trouble()->why, "damaged");
  lookup.result = {.answer = LookupResult::Answer::suppressed, .entry = {}, .error = {}};
  watched.find({"a@b.example", {}}, kNow + Duration{10});
  EXPECT_FALSE(watched.trouble());
}

TEST(WatchedLookup, knows_that_exemptions_cannot_be_read) {
  Answering lookup;
  WatchedLookup watched{lookup};
  lookup.exemption = Error{"locked"};
  EXPECT_FALSE(watched.exempt({"a@b.example", {}}));
  ASSERT_TRUE(watched.trouble());
  EXPECT_EQ(watched.trouble()->why, "locked");
  watched.find({"a@b.example", {}}, kNow);
  EXPECT_FALSE(watched.trouble());
}

TEST(Health, speaks_for_both_halves) {
  Health health{.look_ups = {}, .learning = {}, .logs = {{"file /var/log/mail.log", {}}}};
  EXPECT_TRUE(health.well());
  EXPECT_EQ(health.line(), "look-ups ok; learning from file /var/log/mail.log");
  health.look_ups = Trouble{kNow, "damaged"};
  EXPECT_EQ(health.line(),
            "look-ups failing since 2026-11-21T00:00:00Z (damaged); learning from file /var/log/mail.log");
  EXPECT_FALSE(health.well());
  health.look_ups.reset();
  health.logs.push_back({"journal", Trouble{kNow, "not allowed"}});
  EXPECT_EQ(health.line(),
            "look-ups ok; learning from file /var/log/mail.log; not learning from journal since "
            "2026-11-21T00:00:00Z (not allowed)");
  health.learning = Trouble{kNow, "disk full"};
  EXPECT_EQ(health.line(), "look-ups ok; not learning since 2026-11-21T00:00:00Z (disk full)");
}

TEST(Health, is_of_the_same_kind_whatever_the_reason) {
  Health health{.look_ups = {}, .learning = Trouble{kNow, "one"}, .logs = {}};
  const auto kind = health.kind();
  health.learning = Trouble{kNow, "two"};
  EXPECT_EQ(health.kind(), kind);
  health.learning.reset();
  EXPECT_NE(health.kind(), kind);
}

}  // namespace
}  // namespace suppressd
