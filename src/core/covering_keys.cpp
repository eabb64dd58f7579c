#include "suppressd/core/covering_keys.h"

#include <algorithm>
#include <array>

#include "suppressd/core/address.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, 2> kNeverSplit{"mailer-daemon", "double-bounce"};

/// owner-LIST and LIST-request, which belong to mailing lists.
bool is_list_role(std::string_view local) {
  constexpr std::string_view kRequest = "-request";
  return local.starts_with("owner-") || (local.size() > kRequest.size() && local.ends_with(kRequest));
}

}  // namespace

std::string without_extension(std::string_view canonical, std::string_view delimiters) {
  if (delimiters.empty() || canonical.starts_with('"')) return {};
  const std::string_view local = canonical.substr(0, canonical.rfind('@'));
  const auto end = local.find_first_of(delimiters);
  if (end == std::string_view::npos || end == 0) return {};
  if (std::ranges::find(kNeverSplit, local) != kNeverSplit.end()) return {};
  if (delimiters.find('-') != std::string_view::npos && is_list_role(local)) return {};
  return std::string(local.substr(0, end)).append(canonical.substr(local.size()));
}

CoveringKeys::CoveringKeys(std::string_view canonical, std::string_view delimiters)
    : address_(canonical), base_(without_extension(canonical, delimiters)), domain_("@") {
  domain_.append(domain_of(canonical));
}

}  // namespace suppressd
