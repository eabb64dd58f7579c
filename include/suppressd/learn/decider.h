// Deciding: outcomes and acts by hand in, changes of the list out.
//
// The state of an address is the fold of its events (core/fold.h); the decider keeps the set of events
// and the rows that follow from it. One batch of a ledger at a time: begin(), any number of calls,
// end(), and then the batch is committed. The result is the same however the calls are divided into
// batches. One thread. After an Error the batch must be dropped, and forget() called.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/brake.h"
#include "suppressd/core/domain_sends.h"
#include "suppressd/core/list_changes.h"
#include "suppressd/learn/own_incidents.h"
#include "suppressd/learn/provider_incidents.h"
#include "suppressd/learn/rates.h"
#include "suppressd/learn/settings.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

/// What was decided since begin().
struct DeciderCounters {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
};

/// Who acts by hand, and why. The row in `act` is made when the first address is changed.
struct Hand {
  Time now;
  std::string actor;
  std::string note;
  std::int64_t number = 0;  ///< 0: none yet.
};

/// What an act did to one address.
struct HandChange {
  AddressRecord record;
  std::vector<Change> changes;
  bool changed() const { return !changes.empty(); }
};

/// What an undo or a revert did, or would do.
struct UndoReport {
  std::vector<Suppression> entries;  ///< Undo: as they were before; revert: as they are now.
  std::int64_t number = 0;           ///< In `act`; 0: nothing was changed.
};

class Decider {
 public:
  explicit Decider(const LearnSettings& settings);

  /// Reads what another process may have changed.
  Status begin(Ledger& ledger, Batch& batch);
  /// Whether the list goes by other keys than these settings have (LearnSettings::sets_policy).
  bool other_keys() const;
  /// The keys that decide are those of the settings, for events that end from `now` on: where they
  /// set the policy, or where there are none yet.
  Status set_keys(Batch& batch, Time now);
  /// Writes what is still in memory; then the batch can be committed.
  Status end(Batch& batch);
  /// The batch was rolled back: drops what is in memory.
  void forget();
  /// Those of the batch, in the order in which they were decided. Each is returned once.
  std::vector<Change> take_changes() { return std::exchange(changes_, {}); }
  DeciderCounters take_counters() { return std::exchange(counters_, {}); }

  /// Incidents that were opened, closed or withdrawn in the batch. Each is returned once.
  std::vector<IncidentNews> take_incidents();
  /// Alerts that opened or closed in the batch. Each is returned once.
  std::vector<AlertNews> take_alerts() { return rates_.take_news(); }
  /// By the clock: at the end of the batch, all alerts that are open are judged.
  void look(Time now) { rates_.look(now); }
  /// At that time of the log: drops counts that cannot matter any more.
  void sweep(Time now);
  Status take(Batch& batch, const Outcome& outcome);
  /// It changes no address, but keeps its provider's incident open.
  Status count(Batch& batch, const SoftBounce& bounce);
  /// It changes no address, but may show that we are at fault.
  Status see(Batch& batch, const FailedAttempt& attempt);
  /// Retention of evidence: examines the next `limit` rows, all of them once a day. Gives up events
  /// that cannot matter any more, and removes evidence from before `oldest` that is not an event. The
  /// list stays as it is. True: there is more.
  Result<bool> expunge(Batch& batch, Time oldest, Time clock, std::int64_t limit);

  // By hand. An address is canonical, or `@domain`.

  /// Active, or pending unless an entry of that kind is in force already.
  Result<HandChange> add(Batch& batch, Suppression entry, const Hand& hand);
  /// `which`: of one scope only. Its kind is not used.
  Result<HandChange> lift(Batch& batch, std::string_view address, Hand& hand, const LiftDetails& which = {});
  /// Its owner has confirmed the address: learned entries of kind hard and soft that are in force are half
  /// open from now on.
  Result<HandChange> reconfirm(Batch& batch, std::string_view address, Hand& hand);
  Result<HandChange> confirm(Batch& batch, std::string_view address, Hand& hand);
  /// Takes failures out of the set.
  Result<UndoReport> undo(Batch& batch, const UndoDetails& hours, Hand& hand);
  /// The list becomes as if this undo, lift, confirmation or reconfirmation had never been made. Error: there
  /// is none with that number.
  Result<UndoReport> revert(Batch& batch, std::int64_t number, Hand& hand);

 private:
  FoldInput input(const AddressRecord& record) const {
    return {.settings = keys_,
            .brake = brake_.pending(),
            .incidents = incidents_.pending(),
            .list_acts = list_acts_,
            .domain = domain_of(record.address),
            .of_domain = is_whole_domain(record.address),
            .local = own_.local(),
            .senders = own_.senders()};
  }
  Result<AddressRecord*> load(Batch& batch, std::string_view address);
  /// `domain`: `@domain`.
  Result<AddressRecord*> load_domain(Batch& batch, std::string_view domain);
  /// Makes the rows what the fold of the events says, and returns how they changed, for the audit.
  Result<std::vector<Change>> fold(Batch& batch, AddressRecord& record, const ChangeCause& cause);
  /// The same, audited.
  Status refold(Batch& batch, AddressRecord& record, const ChangeCause& cause);
  /// Is told the entries of each address before and after.
  using Rows = std::vector<Suppression>;
  using Refolded = std::function<void(const Rows&, const Rows&)>;
  Status refold_all(Batch& batch, std::span<const std::string> addresses, const ChangeCause& cause,
                    const Refolded& refolded = {});
  Status name_evidence(Batch& batch, AddressRecord& record);
  Status audit(Batch& batch, std::vector<Change> changes);
  Status take_deliveries(Batch& batch, AddressRecord& record, std::span<const GatheredDelivery> deliveries);
  Status write_gathered(Batch& batch);
  Status take_relayed(Batch& batch, const Outcome& outcome);
  Status take_delivery(Batch& batch, const Outcome& outcome);
  Status take_failure(Batch& batch, const Outcome& outcome);
  Status take_events(Batch& batch, AddressRecord& record, const Outcome& outcome);
  /// The `@domain` that a failure counts against; empty: the address. `stored`: how it was read before.
  Result<std::string> against(Batch& batch, const AddressRecord& record, const Outcome& outcome,
                              const std::optional<Evidence>& stored);
  /// Of all sends to the domain of this one in its life, those to other addresses.
  Result<DomainSends> sends_beside(Batch& batch, const AddressRecord& record, const Outcome& outcome);
  /// The part of a failure that counts against the domain now, or did when it was read before.
  Status take_against_domain(Batch& batch, const Evidence& evidence, const StoredEvidence& known, bool counts,
                             const ChangeCause& cause);
  Status see_delivery(Batch& batch, const Outcome& outcome, bool counts);
  void note_failing(const AddressRecord& record);
  Status save_domains(Batch& batch);
  /// An event of one of our hosts: what it logged before may be judged now.
  Status come_to(Batch& batch, std::string_view host, Time at);
  Status judge_own(Batch& batch, std::optional<Time> at);
  void count_delivery(const Outcome& outcome);
  void count_other_failure(const Outcome& outcome);
  /// It was known before, and is counted once.
  void forget_delivery(const GatheredDelivery& delivery);
  /// The incident that a failure lies in; nullptr: none.
  const OwnRange* our_fault_in(const Outcome& outcome) const;
  /// Within 180 days.
  Result<bool> took_mail(Batch& batch, std::string_view domain, Time at);
  std::string scope_of_complaint(const Outcome& outcome, const std::optional<Evidence>& stored) const;
  /// Of a send that ended, and is counted for the first time. Whether the address is known-good.
  bool count_ended(const AddressRecord& record, const Outcome& outcome);
  Result<RateKeys> rate_keys(Batch& batch, const Outcome& outcome);
  Result<bool> counts_alone(Batch& batch, const AddressRecord& record, const Outcome& outcome);
  /// Of evidence that is to be stored, in place of `before`: counts it, or sets unmarked_.
  Status rate(Batch& batch, const AddressRecord& record, const std::optional<Evidence>& before,
              Evidence& evidence, bool known_good);
  /// Marks what may depend on one another again: failures of the address whose messages entered at `from` or
  /// later, and all about one message.
  Status mark_again(Batch& batch, const AddressRecord& record, std::string_view queue_id, Time from);
  Status mark_excused(Batch& batch, const AddressRecord& record, const ChangeCause& cause, bool changed);
  Status fold_hard(Batch& batch, const Outcome& outcome, bool known_good, const ChangeCause& cause);
  Status judge_incidents(Batch& batch, const Outcome& outcome);
  Status hold_hour(Batch& batch, const Outcome& outcome);
  /// `at`: the event's time; nullopt: it is the end of a batch.
  Status refold_held(Batch& batch, std::span<const PendingRange> ranges, HeldBy by, std::optional<Time> at);
  void let_go(Batch& batch, AddressRecord& record, Time clock);
  Status number_of(Batch& batch, ListEventKind kind, Hand& hand, const LiftDetails& which = {});
  Result<HandChange> act_on(Batch& batch, AddressRecord& record, ListEventKind kind, Hand& hand,
                            std::vector<Change> changes, const LiftDetails& which = {});
  Result<Time> time_of_undo(Batch& batch, const UndoDetails& hours, std::span<const std::string> addresses,
                            Time now);
  Result<std::vector<std::string>> touched_by(Batch& batch, const Act& act, std::int64_t number);
  bool lifted_later(const AddressRecord& record, std::int64_t number, const Suppression& entry) const;
  Status restore_by_hand(Batch& batch, std::int64_t number, const Hand& hand, UndoReport& report);

  LearnSettings settings_;
  SettingsHistory keys_;      ///< The keys that decide.
  bool keys_stored_ = false;  ///< They are those of the table `policy`.
  Brake brake_;
  ProviderIncidents incidents_;
  OwnIncidents own_;
  Rates rates_;
  bool unmarked_ = false;  ///< The evidence that was stored last is to be marked with others.
  DomainTally domains_;
  /// Domains with a streak, an entry or a step on the ladder: a delivery changes what is said of them.
  std::unordered_set<std::string, TextHash, std::equal_to<>> failing_domains_;
  /// Newest deliveries to domains, as stored at the beginning of the batch.
  std::unordered_map<std::string, std::optional<Time>, TextHash, std::equal_to<>> known_domains_;
  std::vector<ListEvent> list_acts_;
  std::optional<std::int64_t> seen_;  ///< Batch::data_version() of what is in memory; nullopt: nothing is.
  std::vector<Change> changes_;
  DeciderCounters counters_;
};

}  // namespace suppressd
