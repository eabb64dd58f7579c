// The order of findings, and the exit status for monitoring.
#include "suppressd/doctor/finding.h"

#include <gtest/gtest.h>

#include "found.h"

namespace suppressd {
namespace {

Finding of(FindingLevel level, std::string name) {
  return {level, std::move(name), "what", "why", "fix"};
}

TEST(Finding, errors_do_not_come_after_warnings) {
  Findings findings = {of(FindingLevel::note, "a"), of(FindingLevel::warning, "b"),
                       of(FindingLevel::error, "c"), of(FindingLevel::unknown, "d"),
                       of(FindingLevel::error, "e")};
  sort_by_level(findings);
  EXPECT_EQ(names_of(findings), (std::vector<std::string>{"c", "e", "d", "b", "a"}));
}

TEST(Finding, the_exit_status_is_not_that_of_something_lesser) {
  EXPECT_EQ(exit_status_of({}), 0);
  Findings findings = {of(FindingLevel::note, "a")};
  EXPECT_EQ(exit_status_of(findings), 0);
  findings.push_back(of(FindingLevel::warning, "b"));
  EXPECT_EQ(exit_status_of(findings), 1);
  findings.push_back(of(FindingLevel::unknown, "d"));
  EXPECT_EQ(exit_status_of(findings), 3);
  findings.push_back(of(FindingLevel::error, "c"));
  EXPECT_EQ(exit_status_of(findings), 2);
}

}  // namespace
}  // namespace suppressd
