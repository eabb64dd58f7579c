// Removing what is past its time, a little at once.
//
// The caller comes back while there is more, with pauses, so that nobody waits long for the write lock.
// Evidence and recipients are walked through once a day; how far a walk came is kept in `meta`. One thread a
// Database.
#pragma once

#include <chrono>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// kForever keeps everything.
struct RetentionSettings {
  Duration refusals = std::chrono::hours(24 * 30);  ///< Then they are counted by day in `refusal_day`.
  Duration evidence =
      std::chrono::hours(24 * 90);  ///< Evidence on which no entry, audit row or running streak rests.
  Duration deliveries =
      std::chrono::hours(24 * 30);  ///< For reports that say that one was none: `report.window`.
  Duration recipients = std::chrono::hours(
      24 * 400);  ///< Addresses of which nothing is known but an old delivery; old cursors and gaps.
};

/// Removes at most `limit` rows of each kind in one transaction; true: there is more. Audited as one
/// `expunged` row a day and table.
Result<bool> expunge(Database& database, const RetentionSettings& settings, Time now, int limit = 1000);

}  // namespace suppressd
