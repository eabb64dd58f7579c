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
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/fold_settings.h"
#include "suppressd/core/list_event.h"
#include "suppressd/core/list_state.h"

namespace suppressd {

/// A pending failure confirms an entry if its message entered at least this long after the first one's.
inline constexpr Duration kConfirmAfter = std::chrono::hours(72);
/// A pending entry is dropped this long after its newest failure.
inline constexpr Duration kPendingFor = std::chrono::hours(24 * 30);

/// A time in which the brake holds a provider's hard failures: those that ended in [begin, end) are
/// pending.
struct PendingRange {
  std::string provider;
  Time begin;
  Time end;
};

/// What the fold of one address needs besides its events. All of it must live as long as the call.
struct FoldInput {
  const SettingsHistory& settings;
  /// At least those of the providers in the events; sorted by provider and begin, without overlap.
  std::span<const PendingRange> pending = {};
  /// Acts on the whole list: undo and revert. They hold for all addresses, whenever an event is read.
  std::span<const ListEvent> list_acts = {};
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
