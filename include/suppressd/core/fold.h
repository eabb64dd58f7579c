// The fold: what the list says of an address, from the set of its events.
//
// It does not matter in which order events arrive: the fold sorts them, leaves out those that a report,
// an undo or a revert takes out of the set, and applies the rest one after another. Pure, no clock,
// safe from any thread; nothing fails. Cost: some microseconds for ten events, and no allocation beyond
// one list of pointers and what the state itself holds.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/fold_settings.h"
#include "suppressd/core/list_event.h"
#include "suppressd/core/list_state.h"
#include "suppressd/core/our_side.h"

namespace suppressd {

/// A hard failure confirms a pending entry if it lies in no incident, and its message entered at least this
/// long after that of the first.
inline constexpr Duration kConfirmAfter = std::chrono::hours(72);
/// If both lie in one incident: a domain that died is an incident that does not end.
inline constexpr Duration kConfirmInIncident = std::chrono::hours(24 * 6);
/// A pending entry is dropped this long after its newest failure.
inline constexpr Duration kPendingFor = std::chrono::hours(24 * 100);

/// An `@domain` is suppressed at the earliest this long after its first failed send since a delivery.
inline constexpr Duration kDomainAway = std::chrono::hours(24 * 7);

/// A time in which the brake or an incident holds a provider's hard failures: those that ended in
/// [begin, end) are pending.
struct PendingRange {
  std::string provider;
  std::string domain;  ///< Of the recipients; empty: all of the provider's.
  Time begin;
  Time end;

  bool operator==(const PendingRange&) const = default;
};

/// The range that an event lies in; nullptr: none. `ranges`: sorted by provider, domain and begin; those of
/// one provider and domain do not overlap.
const PendingRange* range_at(std::span<const PendingRange> ranges, std::string_view provider,
                             std::string_view domain, Time at);
/// The same of incidents: that of the domain, else that of its provider as a whole.
const PendingRange* incident_at(std::span<const PendingRange> incidents, std::string_view provider,
                                std::string_view domain, Time at);

/// The time of an incident of our own. Of a sender: weak hard failures at the provider, of that side, are
/// pending. Local: soft failures of the host count nothing, and `bad-domain` is pending.
struct OwnRange {
  std::string provider;  ///< Empty: local.
  OurSide side;
  Time begin;
  Time end;

  bool operator==(const OwnRange&) const = default;
};
/// The range that a failure lies in; nullptr: none.
const OwnRange* range_at(std::span<const OwnRange> ranges, std::string_view provider, const OurSide& sent,
                         Time at);

/// What the fold of one address needs besides its events. All of it must live as long as the call.
struct FoldInput {
  const SettingsHistory& settings;
  /// Those of the brake and of incidents, as range_at() needs them: at least those of the providers in the
  /// events.
  std::span<const PendingRange> brake = {};
  std::span<const PendingRange> incidents = {};
  /// Acts on the whole list: undo and revert. They hold for all addresses, whenever an event is read.
  std::span<const ListEvent> list_acts = {};
  std::string_view domain = {};  ///< Of the address.
  bool of_domain = false;        ///< The events are those of an `@domain`.
  /// Those of our own incidents.
  std::span<const OwnRange> local = {};
  std::span<const OwnRange> senders = {};
};

/// The state after all events. `events`: each once, in any order (merge_readings, KeptEvents). `start`:
/// the state of a checkpoint, after which all of them sort.
ListState fold(std::span<const ListEvent> events, const FoldInput& input, ListState start = {});

/// The events that count, in the fold's order: without those that a take-back, an undo or a revert
/// takes out, and without take-backs, undos and reverts themselves. Pointers into `events`.
std::vector<const ListEvent*> standing(std::span<const ListEvent> events, const FoldInput& input);

/// Applies one event that counts to a state to which all events before it have been applied.
void step(ListState& state, const ListEvent& event, const FoldInput& input);

}  // namespace suppressd
