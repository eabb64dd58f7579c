// Entries past their time: half open, until one message has tested the address.
//
// An entry that ended by time refuses no one, but only one message at a time goes through, as a probe. A
// delivery ends the entry, and a failure takes the next step of its ladder (core/fold.h). This is the one
// place that says which entries are half open; the view v_half_open repeats it in SQL. Pure, safe from any
// thread; nothing fails.
#pragma once

#include <string>

#include "suppressd/base/time.h"
#include "suppressd/core/suppression.h"

namespace suppressd {

/// Row in `probe`: the message that tests a half-open entry.
struct Probe {
  std::string address;  ///< Of the entry.
  SuppressionKind kind = SuppressionKind::hard;
  std::string recipient;  ///< To whom it goes: the entry's address, or that with an extension.
  std::string queue_id;   ///< Empty: the MTA gave none.
  Time since;             ///< When the milter let it through.

  bool operator==(const Probe&) const = default;
};

/// The MTA logs the entry of a message into its queue at most this long before the milter sees its end.
inline constexpr Duration kProbeEntered = std::chrono::hours(1);
/// A probe that the log does not show in the queue within this time has not come there.
inline constexpr Duration kProbeUnseen = std::chrono::hours(1);

/// Whether the entry ended by time and must be tested. `steps`: those taken on the ladder of its kind; an
/// entry that somebody ended with sqlite3 has none left. `stale_after` (soft.stale_after) after its end the
/// ladder starts again: then the address is like any other.
bool is_half_open(const Suppression& entry, int steps, Duration stale_after, Time now);

/// What a recipient that would be a second probe is refused with: `5.7.1`, in the words of refusal_text().
RefusalText half_open_text(const Suppression& entry);
/// The same where it could be the probe, but too many addresses are tested at this moment.
RefusalText untested_text(const Suppression& entry);

}  // namespace suppressd
