// What is wrong with an installation: one thing, why it matters, and what fixes it. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

enum class FindingLevel : std::uint8_t {
  error,    ///< Something does not work: mail passes unchecked, nothing is learned, or wrongly.
  unknown,  ///< Something could not be examined.
  warning,  ///< It works, but will cost something.
  note,     ///< Worth knowing.
};

std::string_view name_of(FindingLevel level);

struct Finding {
  FindingLevel level = FindingLevel::note;
  std::string name;  ///< Of the kind of finding, for scripts: `milter-missing`.
  std::string what;
  std::string why;
  std::string fix;  ///< The line or the command.

  bool operator==(const Finding&) const = default;
};

using Findings = std::vector<Finding>;

/// Errors first, then what could not be examined, warnings, notes; else as they were.
void sort_by_level(Findings& findings);

/// For monitoring, as plugins of monitoring programs do it: 0 notes or nothing, 1 a warning, 2 an error, 3
/// something could not be examined, and there is no error.
int exit_status_of(const Findings& findings);

}  // namespace suppressd
