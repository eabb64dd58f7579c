#include "suppressd/source/rate_limit.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

class RateLimitTest : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root() + path).parent_path());
    test::append(root() + path, text);
  }
  void hand_over(const std::string& what, const std::string& value) {
    fs::create_directories(root() + "/run/systemd/units");
    fs::create_symlink(value, root() + "/run/systemd/units/log-rate-limit-" + what + ":postfix@-.service");
  }
  RateLimit limit() const { return rate_limit_of("postfix@-.service", root()); }
  std::string root() const { return folder_.path().string(); }

  test::Folder folder_;
};

TEST_F(RateLimitTest, a_limit_that_no_one_has_set_is_not_overlooked) {
  EXPECT_EQ(limit().interval, seconds{30});
  EXPECT_EQ(limit().burst, 10000U);
  EXPECT_TRUE(limit().is_low());
}

TEST_F(RateLimitTest, is_journalds_own_with_its_additions_in_their_order) {
  write("/etc/systemd/journald.conf",
        "[Journal]\n#RateLimitBurst=1\nRateLimitIntervalSec=1min 30s\n[Other]\nRateLimitBurst=2\n");
  EXPECT_EQ(limit().interval, seconds{90});
  EXPECT_EQ(limit().burst, 10000U);
  write("/usr/lib/systemd/journald.conf.d/20-mail.conf", "[Journal]\nRateLimitBurst = 5\n");
  write("/etc/systemd/journald.conf.d/10-all.conf",
        "[Journal]\nRateLimitBurst=7\nRateLimitIntervalSec=500ms\n");
  EXPECT_EQ(limit().burst, 5U);
  EXPECT_EQ(limit().interval, std::chrono::milliseconds{500});
  write("/etc/systemd/journald.conf.d/20-mail.conf", "");
  EXPECT_EQ(limit().burst, 7U) << "a file in /etc hides one of the same name in /usr/lib";
}

TEST_F(RateLimitTest, is_the_units_own_if_the_service_manager_has_handed_it_over) {
  hand_over("burst", "1000000");
  EXPECT_EQ(limit().burst, 1000000U);
  EXPECT_EQ(limit().interval, seconds{30});
  EXPECT_FALSE(limit().is_low());
  hand_over("interval", "3600000000");
  EXPECT_EQ(limit().interval, seconds{3600});
  EXPECT_TRUE(limit().is_low());
}

TEST_F(RateLimitTest, is_off_if_either_value_is_zero) {
  write("/etc/systemd/journald.conf", "[Journal]\nRateLimitIntervalSec=0\n");
  EXPECT_FALSE(limit().is_low());
  hand_over("interval", "30000000");
  EXPECT_TRUE(limit().is_low());
  hand_over("burst", "0");
  EXPECT_FALSE(limit().is_low());
}

TEST_F(RateLimitTest, an_invalid_time_span_changes_nothing) {
  write("/etc/systemd/journald.conf", "[Journal]\nRateLimitIntervalSec=soon\nRateLimitBurst=many\n");
  EXPECT_EQ(limit().interval, seconds{30});
  EXPECT_EQ(limit().burst, 10000U);
}

}  // namespace
}  // namespace suppressd
