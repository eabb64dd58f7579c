// What the parts of the learner share. Private to this layer.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "suppressd/learn/decider.h"
#include "suppressd/learn/learner.h"
#include "suppressd/learn/observer.h"

namespace suppressd {

struct Learner::Parts {
  LearnSettings settings;
  const Ruleset* rules;
  Ledger& ledger;
  std::function<void(const Change&)> noted;
  std::function<Time()> clock;

  Observer observer;
  Decider decider;
  LearnerCounters counters;
  Time now;                   ///< When the batch began.
  bool more_waiting = false;  ///< More outcomes have waited for this time than a batch takes.
  Ahead waits;                ///< Of this batch, not committed yet.
  Ahead waited;               ///< Committed, to be told.
  bool observing = false;     ///< The observer holds the open messages that the database holds.

  Parts(const LearnSettings& learn, const Ruleset& ruleset, Ledger& book,
        std::function<void(const Change&)> tell, std::function<Time()> time);

  /// An open batch, with all that another process may have changed read again.
  Result<Batch> begin();
  /// The part of it that comes first in every batch: what has waited for the clock is learned.
  Status begin_deciding(Batch& batch);
  Status decide(Batch& batch, const Observations& observed);
  /// Too far ahead of the clock: what is counted so would make the brake forget the present.
  bool is_ahead(Time at) const { return at - now > kAheadOfClock; }
  /// False: it waits for the clock.
  Result<bool> take(Batch& batch, const Outcome& outcome);
  /// The last of a batch: commits what was decided, what the observer holds, and the cursor, and tells.
  Result<Cursor> commit(Batch batch, const TrackerChanges& tracked, Cursor cursor);
  Status commit(Batch batch);
  /// What was not committed is forgotten, and what is in memory with it.
  void forget();

  Result<std::optional<Cursor>> learn(const Source::Batch& lines);
  Result<std::vector<ReportFinding>> learn(const CollectedMail& mail, const TraceKeys& keys);
  Result<bool> upkeep(const RetentionSettings& retention, int limit);
  Result<bool> replay_ahead(ReplayStream& stream, const ReplayTerms& terms, ReplayedLog& log);
  Result<bool> replay_by_turns(ReplayStream& stream, const ReplayTerms& terms, ReplayedLog& log);

  template <typename Answer>
  Answer or_forget(Answer answer) {
    if (!answer) forget();
    return answer;
  }
};

}  // namespace suppressd
