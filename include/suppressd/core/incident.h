// Provider incidents: times in which known-good addresses failed hard far more often than addresses die.
// Plain data; how they are found is in incident_finder.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "suppressd/base/time.h"
#include "suppressd/core/fold.h"
#include "suppressd/core/known_good.h"

namespace suppressd {

/// An incident is over after this long without a send to a known-good address.
inline constexpr Duration kIncidentSilence = std::chrono::hours(24 * 30);
/// The beginning of an incident, and what opens it, lie within so long before it opens.
inline constexpr Duration kIncidentWindow = std::chrono::hours(24);

/// When it was. Hard failures that ended in [since, end()) are pending.
struct IncidentSpan {
  Time since;
  Time opened;                 ///< When enough had failed to know.
  std::optional<Time> closed;  ///< nullopt: it is open.
  Time last;                   ///< End of the newest five minutes that count in it.
  std::int64_t sends = 0;      ///< Of known-good addresses, since it began.
  std::int64_t failed = 0;     ///< Of these, hard.

  /// An open one is over kIncidentSilence after the newest known-good send.
  Time end() const { return closed ? *closed : last + kIncidentSilence; }
  bool operator==(const IncidentSpan&) const = default;
};

/// Row in `incident`.
struct Incident {
  std::int64_t id = 0;
  ProviderDomain place;
  IncidentSpan span;

  /// `incident 3 at google.com, company.example`
  std::string name() const;
};

/// Of one place, for the fold.
PendingRange pending_range(const ProviderDomain& place, const IncidentSpan& span);

}  // namespace suppressd
