#include "suppressd/core/incident.h"

namespace suppressd {

std::string Incident::name() const {
  return "incident " + std::to_string(id) + " at " + place.provider +
         (place.domain.empty() ? std::string{} : ", " + place.domain);
}

PendingRange pending_range(const ProviderDomain& place, const IncidentSpan& span) {
  return {.provider = place.provider, .domain = place.domain, .begin = span.since, .end = span.end()};
}

}  // namespace suppressd
