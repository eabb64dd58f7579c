// What the parts of the learner share: one for the log, one for reports. Private to this layer.
#pragma once

#include <optional>
#include <unordered_map>

#include "suppressd/core/brake.h"
#include "suppressd/core/operator.h"
#include "suppressd/core/policy.h"
#include "suppressd/core/tracker.h"
#include "suppressd/daemon/learner.h"
#include "suppressd/daemon/relays.h"
#include "suppressd/report/verdict.h"

namespace suppressd {

/// What was found out about a text that comes again and again; bounded.
template <typename Value>
class Found {
 public:
  template <typename FindOut>
  const Value& of(std::string_view text, FindOut&& find_out) {
    if (const auto known = known_.find(text); known != known_.end()) return known->second;
    if (known_.size() >= kKept) known_.clear();
    return known_.emplace(std::string{text}, find_out()).first->second;
  }
  void clear() { known_.clear(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  static constexpr std::size_t kKept = 20000;
  std::unordered_map<std::string, Value, Hash, std::equal_to<>> known_;
};

/// Who took, or refused, the connection.
struct Peer {
  bool handed_over = false;
  bool relayed = false;
  std::string operator_domain;  ///< Empty where it says nothing about the mailbox's own.
};

struct Learner::Parts {
  Config config;
  const Ruleset* rules;
  Ledger& ledger;
  std::function<void(const Change&)> noted;

  RelayList local_relays;
  RelayList relays;
  Tracker tracker;
  Brake brake;
  Policy policy;
  Found<Peer> peers;             ///< By `relay=` as logged.
  Found<std::string> operators;  ///< By the domain of an address.
  LearnerCounters counters;
  bool loaded = false;  ///< Tracker and brake hold what the database holds.

  // Used again for every line.
  Event event;
  std::vector<Tracker::Target> targets;
  std::vector<Outcome> outcomes;
  std::vector<Change> changes;    ///< Of the transaction.
  std::optional<Cursor> reached;  ///< Of the batch that was taken last, while the transaction is open.
  LineCounts lines;
  std::vector<LineSample> samples;

  Parts(const Config& configuration, const Ruleset& ruleset, Ledger& book, std::function<void(const Change&)> tell);
  void set_relays();

  /// BEGIN, and all that another process may have changed read again.
  Status begin();
  /// Tracker and brake to the ledger.
  Status save();
  /// What an outcome does to its address.
  Status settle(Outcome& outcome);
  Status keep(PolicyResult& result, AddressRecord& record, std::int64_t evidence_id);

  // The log.
  Status take_entry(const LogEntry& entry, Cursor& cursor);
  void take_attempt(Tracker::AttemptFacts& facts);
  Peer peer_of(const Relay& relay) const;
  void count(Understood understood, const LogEntry& entry);
  Result<bool> is_delivery(const Outcome& outcome, const AddressRecord& record);
  Result<Cursor> take_batch(const Source::Batch& batch);
  Result<Cursor> commit_batches();

  // Reports.
  struct Proof;
  Result<Proof> prove(const Report& report, const ReportedRecipient& recipient, const TraceKeys& keys, Time received);
  Status take_verdict(const Report& report, const ReportVerdict& verdict, const TraceKeys& keys, Time received, ReportFinding& finding);
  Status take_back_delivery(AddressRecord& record, const Outcome& outcome, Time sent, std::int64_t evidence_id);
  Result<std::vector<ReportFinding>> take_report(const CollectedMail& mail, const TraceKeys& keys);

  template <typename Answer>
  Answer or_undo(Answer answer);
  template <typename Answer>
  Answer finish(Answer answer);
};

}  // namespace suppressd
