// Lifting what a bad hour suppressed, and taking that back.
//
// An undo is a batch: every entry that it lifts gets an audit row with that number and, as JSON in `before`,
// the entry and the recipient as they were. Writers take one transaction, and are durable when they return.
// One thread a Database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/record.h"
#include "suppressd/store/database.h"

namespace suppressd {

struct UndoFilter {
  Time since;
  Time until;
  std::string provider;  ///< Empty: any; likewise the others.
  std::string category;
  std::string rule;
};

struct UndoReport {
  std::int64_t batch = 0;  ///< 0: a dry run, or nothing to do.
  std::vector<Suppression>
      entries;  ///< As they are (a dry run: would be) before an undo, and after a restore.
};

/// Lifts the entries that were learned (kinds hard and soft, active and pending) with `since` in [since,
/// until), have not ended and match. As with any lift by hand, the address's streak and ladders begin anew,
/// and events older than `now` no longer count.
Result<UndoReport> undo(Database& database, const UndoFilter& filter, std::string_view actor, Time now,
                        bool dry_run);

/// Takes an undo back: entries, streaks and ladders are as they were before it, but for addresses of which
/// anything was learned or changed since. Error: there is no undo of that number.
Result<UndoReport> restore(Database& database, std::int64_t batch, std::string_view actor, Time now,
                           bool dry_run);

}  // namespace suppressd
