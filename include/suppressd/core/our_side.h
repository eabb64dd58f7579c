// Who of us sent: what failures of our own have in common. Plain data.
#pragma once

#include <compare>
#include <string>

namespace suppressd {

/// Of a send all of them; of an incident the one that its failures have in common, and the others are empty.
struct OurSide {
  std::string host;           ///< Log host.
  std::string sender_domain;  ///< Organisational domain of the sender.
  std::string campaign;

  auto operator<=>(const OurSide&) const = default;
};

/// Whether a send of `sent` belongs to an incident of `side`.
inline bool covers(const OurSide& side, const OurSide& sent) {
  if (!side.host.empty()) return side.host == sent.host;
  return side.campaign.empty() ? side.sender_domain == sent.sender_domain : side.campaign == sent.campaign;
}

}  // namespace suppressd
