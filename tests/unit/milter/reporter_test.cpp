#include "suppressd/milter/reporter.h"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(ReporterTest, a_subject_does_not_flood_and_does_not_silence_another) {
  std::vector<std::string> lines;
  Reporter reporter([&](Severity, const std::string& line) { lines.push_back(line); });
  for (int i = 0; i < 1000; ++i) reporter.say(Reporter::Subject::lookup, Severity::error, "locked");
  reporter.say(Reporter::Subject::exception, Severity::error, "thrown");
  EXPECT_EQ(lines, (std::vector<std::string>{"locked", "thrown"}));
}

TEST(ReporterTest, nothing_that_the_function_throws_escapes) {
  Reporter reporter([](Severity, const std::string&) { throw std::runtime_error("log full"); });
  EXPECT_NO_THROW(reporter.say(Reporter::Subject::lookup, Severity::error, "locked"));
  Reporter silent({});
  EXPECT_NO_THROW(silent.say(Reporter::Subject::lookup, Severity::error, "locked"));
}

}  // namespace
}  // namespace suppressd
