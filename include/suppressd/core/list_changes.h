// From the fold's result to rows and audit: what the rows of an address should be, and how they differ
// from what they were.
//
// Pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/address_record.h"
#include "suppressd/core/change.h"
#include "suppressd/core/fold.h"

namespace suppressd {

/// What holds back hard failures: `incident` is one of a provider, the last two are our own.
enum class HeldBy : std::uint8_t { nothing, brake, incident, sender, local };

/// The event because of which an address was folded again.
struct ChangeCause {
  ListEventKind event = ListEventKind::failure;
  HeldBy held = HeldBy::nothing;  ///< What holds the event.
  bool other_times = false;       ///< The times that are held have changed, and no event of the address.
  Time at;                        ///< The event's time; of an act the clock's.
  std::string actor;              ///< `suppressd`, or who did it.
  std::string note;               ///< Of an act; empty: `by hand`.
  std::int64_t evidence_id = 0;
  std::int64_t act_number = 0;
  std::optional<std::string> scope = {};  ///< Of a lift: it is of that scope only.
};

/// Row in `recipient`.
Recipient recipient_of(const KeptEvents& events, const ListState& state, const SettingsHistory& settings);

/// Puts the fold's result into the rows of `record` (state, recipient, entries) and returns what
/// changed. A row of a learned kind that was written by hand stays until the fold has an entry of its
/// kind, or until a delivery after it or a lift; a complaint as long as it lasts longer.
std::vector<Change> apply_state(AddressRecord& record, ListState state, const ChangeCause& cause,
                                const SettingsHistory& settings);

}  // namespace suppressd
