// Findings by name.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/doctor/finding.h"

namespace suppressd {

/// The only one of that name; empty if there is none, or more than one.
inline Finding the(const Findings& findings, std::string_view name) {
  Finding found;
  if (std::ranges::count(findings, name, &Finding::name) == 1)
    found = *std::ranges::find(findings, name, &Finding::name);
  return found;
}

inline std::vector<std::string> names_of(const Findings& findings) {
  std::vector<std::string> names;
  for (const auto& finding : findings) names.push_back(finding.name);
  return names;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace suppressd
