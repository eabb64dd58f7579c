#include "suppressd/config/options.h"

#include <sysexits.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

/// What the daemon says about arguments that it does not accept.
std::string complaint_about(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "suppressd");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  testing::internal::CaptureStderr();
  const auto parsed = parse_options(static_cast<int>(argv.size()), argv.data());
  const std::string said = testing::internal::GetCapturedStderr();
  const auto* status = std::get_if<int>(&parsed);
  EXPECT_TRUE(status != nullptr && *status == EX_USAGE) << said;
  return said;
}

TEST(Options, a_misspelt_key_is_not_refused_without_a_hint) {
  EXPECT_EQ(
      complaint_about({"--soft.treshold", "3"}),
      "suppressd: unknown option --soft.treshold; did you mean --soft.threshold? (see suppressd --help)\n");
  EXPECT_EQ(complaint_about({"--chek-config=yes"}),
            "suppressd: unknown option --chek-config; did you mean --check-config? (see suppressd --help)\n");
  EXPECT_EQ(complaint_about({"--zzzzzzzz"}), "suppressd: unknown option --zzzzzzzz (see suppressd --help)\n");
}

}  // namespace
}  // namespace suppressd
