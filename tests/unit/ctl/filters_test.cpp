#include "filters.h"

#include <gtest/gtest.h>

namespace suppressd::ctl {
namespace {

const Time kNow = from_unix(1793574000);

TEST(Filters, a_duration_means_a_time_before_now) {
  EXPECT_EQ(*parse_when("2h", kNow), kNow - std::chrono::hours(2));
  EXPECT_EQ(*parse_when("now", kNow), kNow);
  EXPECT_EQ(*parse_when("@1000", kNow), from_unix(1000));
  EXPECT_FALSE(parse_when("forever", kNow).ok());
  EXPECT_FALSE(parse_when("", kNow).ok());
}

TEST(Filters, a_host_means_its_provider) {
  FilterOptions options;
  options.provider = "MX1.mail.example.co.uk";
  EXPECT_EQ(options.read(kNow)->provider, "example.co.uk");
}

TEST(Filters, an_empty_time_span_is_an_error) {
  FilterOptions options;
  options.since = "1h";
  options.until = "2h";
  EXPECT_FALSE(options.read(kNow).ok());
}

TEST(Filters, unknown_names_are_answered_with_the_right_ones) {
  FilterOptions options;
  options.category = "bad-mailbx";
  const auto filter = options.read(kNow);
  ASSERT_FALSE(filter.ok());
  EXPECT_NE(filter.error().message.find("bad-mailbox"), std::string::npos);
  EXPECT_FALSE(check_kind("hrad").ok());
  EXPECT_EQ(*check_kind("Hard"), "hard");
}

}  // namespace
}  // namespace suppressd::ctl
