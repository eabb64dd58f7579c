#include "suppressd/core/incident.h"

#include <array>

#include "suppressd/base/enum_names.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, 3> kKinds{"provider", "sender", "local"};

std::string words_for(const OurSide& side) {
  if (!side.host.empty()) return "our host " + side.host;
  return side.campaign.empty() ? "sender domain " + side.sender_domain : "campaign " + side.campaign;
}

}  // namespace

std::string_view name_of(IncidentKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<IncidentKind> incident_kind_from(std::string_view name) {
  return enum_from<IncidentKind>(kKinds, name);
}

Time Incident::end() const {
  if (kind == IncidentKind::provider) return span.end();
  return span.closed.value_or(span.last + kOwnSilence);
}

std::string Incident::name() const {
  const auto number = "incident " + std::to_string(id);
  switch (kind) {
    case IncidentKind::sender:
      return number + " at " + place.provider + ", of " + words_for(side);
    case IncidentKind::local:
      return number + " of " + words_for(side);
    case IncidentKind::provider:
      break;
  }
  return number + " at " + place.provider + (place.domain.empty() ? std::string{} : ", " + place.domain);
}

PendingRange pending_range(const ProviderDomain& place, const IncidentSpan& span) {
  return {.provider = place.provider, .domain = place.domain, .begin = span.since, .end = span.end()};
}

}  // namespace suppressd
