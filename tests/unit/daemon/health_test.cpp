#include "health.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

const Time kNow = from_unix(1795219200);

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
