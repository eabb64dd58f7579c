#include "suppressd/core/unfound_name.h"

#include <array>

#include "suppressd/core/provider.h"

namespace suppressd {
namespace {

struct Words {
  std::string_view before;
  std::string_view after;
};

constexpr std::array kWords{
    Words{"Name service error for name=", " type="},
    Words{"Name service error for domain ", ": "},  // Postfix before 2.0, and in the next line
    Words{"Name service error for ", ": "},
    Words{"unable to look up host ", ": "},
    Words{"no MX host for ", " has a valid address"},
    Words{"Domain ", " does not accept mail"},
    Words{"Name server: ", ": "},
    Words{"host map: lookup (", "): "},
};

}  // namespace

std::string_view unfound_name(std::string_view text) {
  for (const auto& [before, after] : kWords) {
    const auto begin = text.find(before);
    if (begin == std::string_view::npos) continue;
    const auto rest = text.substr(begin + before.size());
    const auto end = rest.find(after);
    // A name is one word.
    if (end != std::string_view::npos && rest.find(' ') >= end) return rest.substr(0, end);
  }
  return {};
}

bool is_foreign_name(std::string_view name, std::string_view domain) {
  while (name.ends_with('.')) name.remove_suffix(1);
  return !domain.empty() && registrable_domain(name) != registrable_domain(domain);
}

}  // namespace suppressd
