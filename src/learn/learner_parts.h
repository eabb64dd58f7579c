// What the parts of the learner share. Private to this layer; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "suppressd/learn/decider.h"
#include "suppressd/learn/learner.h"

#include "observer.h"
#include "test_batch.h"

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
  Time now;                                 ///< When the batch began.
  bool more_waiting = false;                ///< More outcomes are due than one batch takes.
  Ahead waits;                              ///< Began to wait in this batch, which is not committed yet.
  Ahead waited;                             ///< Began to wait in committed batches; not reported yet.
  std::vector<AlertNews> alerts;            ///< Opened or closed in committed batches; not reported yet.
  std::vector<IncidentNews> incidents;      ///< Opened or closed in committed batches; not reported yet.
  TestBatch tests;                          ///< Of breakers, as stored.
  OpenProbes probes;                        ///< Of half-open entries, as stored.
  std::optional<std::int64_t> probes_seen;  ///< Batch::data_version() of these; nullopt: they must be loaded.
  bool observing = false;                   ///< The observer has the open messages of the database.

  Parts(const LearnSettings& learn, const Ruleset& ruleset, Ledger& book,
        std::function<void(const Change&)> tell, std::function<Time()> time);

  /// Begins a batch, and reads again all that another process may have changed.
  Result<Batch> begin();
  /// Loads what another process may have changed.
  Status load_probes(Batch& batch);
  /// What comes first in every batch: sets the keys that decide, and learns what has waited for the clock.
  Status begin_deciding(Batch& batch);
  Status decide(Batch& batch, const Observations& observed);
  /// Whether an event is too far ahead of the clock: it would make the brake forget the present.
  bool is_ahead(Time at) const { return at - now > kAheadOfClock; }
  /// Decides an outcome. False: it waits for the clock instead.
  Result<bool> take(Batch& batch, const Outcome& outcome);
  /// The end of a batch: commits what was decided, what the observer holds, and the cursor; then
  /// reports the changes.
  Result<Cursor> commit(Batch batch, const TrackerChanges& tracked, Cursor cursor);
  Status commit(Batch batch);
  /// Drops what is in memory, after a batch that was not committed.
  void forget();

  Status keep(const std::vector<Probe>& sent);
  Status keep(const std::vector<TestMessage>& sent);
  Result<std::vector<Breaker>> step_breakers();
  Status tag(const std::vector<TagNote>& notes, std::uint64_t dropped);
  Result<std::optional<TagGap>> open_tags();
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
