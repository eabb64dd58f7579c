// How long what is past its time is kept.
//
// It is removed a little at once (Ledger::expunge): the caller comes back while there is more, with pauses,
// so that nobody waits long for the write lock. Recipients are walked through once a day; how far the walk
// came is kept in `meta`. Evidence is what the list is made of: it goes through the decider
// (Learner::upkeep).
#pragma once

#include <chrono>
#include <optional>

#include "suppressd/base/time.h"

namespace suppressd {

/// kForever keeps everything.
struct RetentionSettings {
  Duration refusals = std::chrono::hours(24 * 30);  ///< Then they are counted by day in `refusal_day`.
  Duration evidence =
      std::chrono::hours(24 * 90);  ///< Evidence that is no event any more, and that nothing refers to.
  Duration deliveries =
      std::chrono::hours(24 * 30);  ///< For reports that say that one was none: `report.window`.
  Duration recipients = std::chrono::hours(
      24 * 400);  ///< Addresses of which nothing is known but an old delivery: `recipient.keep`.
  Duration streams = std::chrono::hours(24 * 400);  ///< Old cursors and gaps.
  Duration rates = std::chrono::hours(
      24 * 400);  ///< Rates by day, and closed alerts. Days of providers with few sends: five weeks.
};

/// What is older may go; nullopt: nothing.
std::optional<Time> oldest_kept(Time now, Duration keep);

}  // namespace suppressd
