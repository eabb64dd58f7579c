#include "tally.h"

#include <gtest/gtest.h>

namespace suppressd::ctl {
namespace {

/// What is printed after `told` of `addresses` addresses; every hundredth is an exception.
std::string printed(std::size_t addresses, std::size_t told, bool json = false) {
  testing::internal::CaptureStdout();
  Output out(json);
  Tally tally(out, addresses);
  for (std::size_t number = 1; number <= told; ++number) {
    const auto line = std::to_string(number) + "@b.example: ";
    if (number % 100 == 0)
      tally.exception("not lifted", {line + "not lifted", "  because"});
    else
      tally.usual("lifted", {line + "lifted"});
  }
  tally.finish();
  EXPECT_TRUE(out.finish().ok());
  return testing::internal::GetCapturedStdout();
}

TEST(Tally, a_few_addresses_are_not_summed_up) {
  EXPECT_EQ(printed(2, 2), "1@b.example: lifted\n2@b.example: lifted\n");
  EXPECT_EQ(printed(0, 0), "no addresses: nothing to do\n");
}

TEST(Tally, exceptions_are_not_lost_among_many_addresses) {
  EXPECT_EQ(printed(300, 300),
            "100@b.example: not lifted\n  because\n200@b.example: not lifted\n  because\n300@b.example: not "
            "lifted\n  because\n"
            "300 addresses: 297 lifted, 3 not lifted\n");
  const auto many = printed(2000, 2000);
  EXPECT_NE(many.find("1000@b.example: "), std::string::npos) << many;
  EXPECT_EQ(many.find("1100@b.example: "), std::string::npos) << many;
  EXPECT_TRUE(many.ends_with("2000 addresses: 1980 lifted, 20 not lifted (--json lists each)\n")) << many;
}

TEST(Tally, changes_before_an_error_are_still_reported) {
  EXPECT_TRUE(printed(2000, 50).ends_with("50 of 2000 addresses: 50 lifted\n"));
  EXPECT_EQ(printed(2000, 0), "");
}

TEST(Tally, prints_nothing_between_objects) {
  EXPECT_EQ(printed(300, 300, true), "");
}

}  // namespace
}  // namespace suppressd::ctl
