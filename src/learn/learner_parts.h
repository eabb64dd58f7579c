// What the parts of the learner share: one for the log, one for reports. Private to this layer.
#pragma once

#include "suppressd/core/brake.h"
#include "suppressd/core/policy.h"
#include "suppressd/learn/learner.h"
#include "suppressd/learn/lesson.h"
#include "suppressd/learn/log_reader.h"
#include "suppressd/report/verdict.h"

namespace suppressd {

/// Of what a report told: not that somebody answered, nor what no rule knows.
bool tells_of_failed_delivery(std::string_view category);

struct Learner::Parts {
  LearnSettings config;
  const Ruleset* rules;
  Ledger& ledger;
  std::function<void(const Change&)> noted;

  LogReader reader;
  Brake brake;
  Policy policy;
  LearnerCounters counters;
  bool loaded = false;  ///< Reader and brake hold what the database holds.
  bool taking = false;  ///< A transaction is open in which batches were taken.

  Lesson lesson;                ///< Of the batch that was taken last.
  LearnerCounters acts;         ///< Of the transaction: what is counted when it is committed.
  std::vector<Change> changes;  ///< Of the transaction, where somebody wants to be told.

  Parts(const LearnSettings& configuration, const Ruleset& ruleset, Ledger& book,
        std::function<void(const Change&)> tell);

  /// Of the next transaction nothing is to be told yet.
  void forget_changes() {
    acts = {};
    changes.clear();
  }
  /// BEGIN, and all that another process may have changed read again.
  Status begin();
  /// What an outcome does to its address.
  Status settle(const Outcome& outcome);
  Status keep(PolicyResult& result, AddressRecord& record, std::int64_t evidence_id);
  Result<bool> is_delivery(const Outcome& outcome, const AddressRecord& record);

  // The log: take() a batch, or many, and then commit().
  /// begin(), for what follows `from`. False: overtaken, and undone.
  Result<bool> begin_taking(const Cursor& from);
  Status take(const Lesson& taught);
  /// False: overtaken, and undone.
  Result<bool> take(const Source::Batch& batch);
  /// `cursor` becomes what is stored.
  Status commit(const PackedChanges& tracked, Cursor& cursor);
  Result<Cursor> commit();

  // Old logs.
  Result<bool> replay_ahead(ReplayStream& stream, const ReplayTerms& terms, ReplayedLog& log);
  Result<bool> replay_by_turns(ReplayStream& stream, const ReplayTerms& terms, ReplayedLog& log);

  // Reports.
  struct Proof;
  Result<Proof> prove(const Report& report, const ReportedRecipient& recipient, const TraceKeys& keys,
                      Time received);
  Status take_verdict(const Report& report, const ReportVerdict& verdict, const TraceKeys& keys,
                      Time received, ReportFinding& finding);
  Status learn(const Outcome& outcome, const MessageKey& message, bool was_not_delivered);
  Status take_back_delivery(AddressRecord& record, const MessageKey& message, const Evidence& evidence,
                            std::int64_t evidence_id);
  Result<std::vector<ReportFinding>> take_report(const CollectedMail& mail, const TraceKeys& keys);

  /// What was not committed is forgotten, and the state in memory with it.
  void undo();
  template <typename Answer>
  Answer or_undo(Answer answer);
  /// What was committed is told.
  template <typename Answer>
  Answer finish(Answer answer);
};

template <typename Answer>
Answer Learner::Parts::or_undo(Answer answer) {
  if (!answer) undo();
  return answer;
}

template <typename Answer>
Answer Learner::Parts::finish(Answer answer) {
  if (!answer) {
    undo();
    return answer;
  }
  counters.suppressed += acts.suppressed;
  counters.pending += acts.pending;
  counters.lifted += acts.lifted;
  for (const auto& change : changes) noted(change);
  return answer;
}

}  // namespace suppressd
