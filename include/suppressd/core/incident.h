// Incidents: times in which failures say more about a provider, or about us, than about the addresses.
//
// Of a provider: known-good addresses failed hard far more often than addresses die (incident_finder.h). Of a
// sender: failures that blame us (sender_sends.h). Local: our resolver or network failed (local_attempts.h).
// Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/time.h"
#include "suppressd/core/fold.h"
#include "suppressd/core/known_good.h"
#include "suppressd/core/our_side.h"

namespace suppressd {

/// An incident is over after this long without a send to a known-good address.
inline constexpr Duration kIncidentSilence = std::chrono::hours(24 * 30);
/// The beginning of an incident, and what opens it, lie within so long before it opens.
inline constexpr Duration kIncidentWindow = std::chrono::hours(24);

enum class IncidentKind : std::uint8_t { provider, sender, local };
std::string_view name_of(IncidentKind kind);  ///< `provider`, `sender`, `local`.
std::optional<IncidentKind> incident_kind_from(std::string_view name);

/// One of our own is over after this long without enough failures.
inline constexpr Duration kOwnSilence = std::chrono::hours(1);

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

/// Row in `incident`. Of our own, `sends` and `failed` are those of the hour (local: domains, ten minutes) in
/// which most failed.
struct Incident {
  std::int64_t id = 0;
  ProviderDomain place;  ///< Of a sender incident: the provider. Of a local one: empty.
  IncidentSpan span;
  IncidentKind kind = IncidentKind::provider;
  OurSide side = {};           ///< Of a sender incident: one of them. Of a local one: the host.
  std::string text = {};       ///< Of a sender incident: normal_text() of what was said most often.
  std::string example = {};    ///< One such reply.
  std::string closed_by = {};  ///< Who closed it by hand; empty: the program.

  /// When it closed, or will if nothing more happens.
  Time end() const;
  /// `incident 3 at google.com, company.example`
  std::string name() const;
};

/// Of one place, for the fold.
PendingRange pending_range(const ProviderDomain& place, const IncidentSpan& span);

}  // namespace suppressd
