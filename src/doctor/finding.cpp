#include "suppressd/doctor/finding.h"

#include <algorithm>

namespace suppressd {

std::string_view name_of(FindingLevel level) {
  switch (level) {
    case FindingLevel::error:
      return "error";
    case FindingLevel::unknown:
      return "unknown";
    case FindingLevel::warning:
      return "warning";
    case FindingLevel::note:
      break;
  }
  return "note";
}

void sort_by_level(Findings& findings) {
  std::ranges::stable_sort(findings, {}, &Finding::level);
}

int exit_status_of(const Findings& findings) {
  const auto any = [&](FindingLevel level) {
    return std::ranges::any_of(findings, [level](const Finding& finding) { return finding.level == level; });
  };
  if (any(FindingLevel::error)) return 2;
  if (any(FindingLevel::unknown)) return 3;
  return any(FindingLevel::warning) ? 1 : 0;
}

}  // namespace suppressd
