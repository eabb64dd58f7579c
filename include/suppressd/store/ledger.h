// The way into the database for those who change the list: everything that belongs together, in one
// transaction.
//
// A Batch is an open transaction: commit() ends it, and the destructor of one that was not committed rolls it
// back. One thread, one Batch of a Ledger at a time. Failures: an Error with SQLite's words and the file; the
// batch is over then, and each further call fails.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/act.h"
#include "suppressd/core/address_record.h"
#include "suppressd/core/alert.h"
#include "suppressd/core/brake.h"
#include "suppressd/core/breaker.h"
#include "suppressd/core/change.h"
#include "suppressd/core/cursor.h"
#include "suppressd/core/domain_sends.h"
#include "suppressd/core/fold.h"
#include "suppressd/core/fold_settings.h"
#include "suppressd/core/half_open.h"
#include "suppressd/core/incident.h"
#include "suppressd/core/known_good.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/rate.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/spam_rate.h"
#include "suppressd/core/tracked.h"
#include "suppressd/store/database_gate.h"
#include "suppressd/store/enforcement.h"
#include "suppressd/store/exemptions.h"
#include "suppressd/store/line_counts.h"
#include "suppressd/store/own_counts.h"
#include "suppressd/store/retention.h"
#include "suppressd/store/unproven.h"
#include "suppressd/store/view_settings.h"
#include "suppressd/store/write_listener.h"

namespace suppressd {

struct LedgerState;

/// A delivery to an address of which perhaps nothing else is known.
struct GatheredDelivery {
  EventId id;
  std::string_view provider;       ///< These three are valid as long as the batch.
  std::string_view sender_domain;  ///< For the rates; and the tags, without the contact.
  const Tags* tags = nullptr;      ///< Never null.
};

/// Where deliveries count, besides their addresses.
struct DeliveryTallies {
  KnownGoodTally& known_good;
  RateTally& rates;
  DomainTally& domains;
  std::vector<GatheredDelivery>* known_before = nullptr;  ///< Those that were, or may have been.
};

/// What is known of an outcome that is read.
struct StoredEvidence {
  std::optional<Evidence> reading;       ///< Of the same event.
  bool reported_against_domain = false;  ///< A report told of this failure, and it counts against the domain.
};

/// A step of the walk through old evidence.
struct EvidencePiece {
  std::vector<std::string> addresses;  ///< With evidence that may go; `@domain` where that counts against it.
  bool more = false;
};

class Batch {
 public:
  Batch(Batch&& other) noexcept : state_(std::exchange(other.state_, nullptr)), number_(other.number_) {}
  Batch& operator=(Batch&& other) noexcept;
  ~Batch();

  /// Messages, sends and traffic are to be read (again): at first, and when another process, or a batch that
  /// was rolled back, has changed them since our last commit.
  bool must_load() const;
  /// Differs from that of an earlier batch if another connection has committed in between.
  std::int64_t data_version() const;

  Status commit();

  // One address. The pointer stays valid until the next record is asked for.

  /// Its record as stored, or as last changed in this batch.
  Result<AddressRecord*> record(std::string_view address);
  /// The record as its rows and evidence have it, without its checkpoint.
  Result<AddressRecord*> reload(std::string_view address);
  /// Its rows are written, at commit at the latest, as the record is then.
  void changed(AddressRecord& record);
  /// Records are read again, because an act on the list needs more of their events.
  Status unload();
  /// Since when an exemption covers it.
  Result<std::optional<Time>> exempt_since(std::string_view address);

  // Deliveries to addresses of which perhaps nothing else is known.

  void gather(std::string_view address, const EventId& delivery, std::string_view provider,
              std::string_view sender_domain = {}, const Tags& tags = {});
  /// What was gathered for an address, in the order in which it came.
  std::vector<GatheredDelivery> take_gathered(std::string_view address);
  bool gathered_enough() const;
  /// Writes what was gathered, and counts it in the tallies; what those of domains have counted and was known
  /// before, they forget. `remember`: of addresses that have no row, too. Returns, by address, those of which
  /// more is known than deliveries: these are the caller's to take, and to count.
  Result<std::vector<std::pair<std::string, std::vector<GatheredDelivery>>>> write_gathered(
      const DeliveryTallies& tallies, bool remember = true);

  // Recipient domains.

  /// As stored.
  Result<DomainHistory> domain(std::string_view domain);
  /// Adds to what is stored.
  Status add(std::string_view domain, const DomainHistory& more);
  /// Those with an `@domain` that has a streak or an entry, or had one and no delivery since.
  Result<std::vector<std::string>> failing_domains();
  /// Sends to an address that failed in [from, to], as the log tells.
  Result<std::int64_t> failed_sends(std::string_view address, Time from, Time to);

  // Events.

  /// Another reading of the same event, and what a report said of the same message.
  Result<StoredEvidence> stored(const Outcome& outcome);
  /// Inserts (id 0) or updates a row; returns its id.
  Result<std::int64_t> save(const Evidence& evidence);
  /// Row of the failure or complaint that an entry rests on; 0: none.
  Result<std::int64_t> evidence_of(std::string_view address, const EventId& event);
  /// Whether a report tells nothing new: the log, or another report, has told that the send failed, or that
  /// its reader complained.
  Result<bool> is_known(const Outcome& reported);
  /// Whether the log tells the end of the send that a report is about.
  Result<bool> is_end_logged(std::string_view address, const MessageKey& message);
  /// Addresses with a hard failure that lies in the range.
  Result<std::vector<std::string>> hard_failed(const PendingRange& range);
  /// Addresses, and domains written `@domain`, with a failure that an undo takes out.
  Result<std::vector<std::string>> undone_by(const UndoDetails& undo);
  /// Those of one place, as stored.
  Result<KnownGoodBuckets> known_good(const ProviderDomain& place);
  /// Domains of the provider in which known-good addresses failed hard, as far as is stored.
  Result<std::vector<std::string>> known_good_failed(std::string_view provider);
  /// Adds to what is stored.
  Status add_known_good(const std::map<ProviderDomain, KnownGoodBuckets>& counts);
  /// Removes counts from before that time, but none that an incident needs which is open then, or closed
  /// later.
  Status forget_known_good(Time before);
  /// The latest time for which that was done; min(): never.
  Result<Time> known_good_since();
  /// By provider, domain and time.
  Result<std::vector<Incident>> incidents();
  /// Inserts (id 0) or updates a row; returns its id.
  Result<std::int64_t> save(const Incident& incident);
  Status remove_incident(std::int64_t id);
  /// Those of our own, by time.
  Result<std::vector<Incident>> own_incidents();
  /// What they are found from.
  Result<std::vector<LocalAttemptRow>> local_attempts();
  Result<std::vector<SenderSendRow>> sender_sends();
  /// Inserts, or replaces the row with its key.
  Status save(const LocalAttemptRow& row);
  Status save(const SenderSendRow& row);
  Status forget_own_counts(std::string_view host, Time before);
  /// Addresses, and domains written `@domain`, with failures that such an incident concerns.
  Result<std::vector<std::string>> failed_in(const OwnRange& range);
  /// Newest delivery to a domain.
  Result<std::optional<Time>> delivered_to(std::string_view domain);
  /// Closes an incident that is open. False: it was not, or there is none.
  Result<bool> close_incident(std::int64_t id, Time now, std::string_view actor);
  /// Somebody has looked at it. False: so had somebody before, or there is none.
  Result<bool> mark_incident_read(std::int64_t id);

  // Rates.

  /// Whether there is evidence about a message with that queue id to the address.
  Result<bool> is_other_evidence(std::string_view address, std::string_view queue_id);
  /// Evidence that may depend on one another (core/rate_mark.h): failures that ended at `ended` or later,
  /// what counts as dead of messages that entered at `entered` or later, and all about messages with that
  /// queue id.
  Result<std::vector<Evidence>> rated_evidence(std::string_view address, Time ended, Time entered,
                                               std::string_view queue_id);
  Status set_rate_mark(std::int64_t evidence, RateMark mark);
  /// At which most known-good sends to a domain ended lately; empty: not known.
  Result<std::string> usual_provider(std::string_view domain);
  /// Of an entry of the address; empty: not known.
  Result<std::string> provider_of_entry(std::string_view address);
  /// Adds to what is stored: to the hour, or to the day if the hour is before `days_before`.
  Status add_rates(const RateBuckets& counts, Time days_before);
  /// Adds hours from before that time up to days.
  Status roll_up_rates(Time before);
  /// The newest hour in which a message entered that was counted; nullopt: none, or it is a day's first.
  Result<std::optional<Time>> newest_rate();
  /// What was counted in each of windows_of() before the end of the hour of `at`.
  Result<std::vector<WindowCounts>> rate_windows(const RateName& place, Time at);
  /// By dimension, name and what they are about.
  Result<std::vector<Alert>> open_alerts();
  /// Inserts (id 0) or updates a row; returns its id.
  Result<std::int64_t> save(const Alert& alert);
  /// Alerts were mailed.
  Status mark_mailed(std::span<const std::int64_t> alerts);
  /// The daemon has looked at the alerts at that time.
  Status save_look(Time at);

  /// Keys that decide, by the time from which they hold.
  Result<std::vector<DatedSettings>> policy();
  Status save(const DatedSettings& row);
  /// Undos and reverts.
  Result<std::vector<ListEvent>> list_acts();
  /// Returns its number.
  Result<std::int64_t> add_act(const Act& act);
  Status add_act_on(std::string_view address, std::int64_t number, Time at);
  Result<std::optional<Act>> act(std::int64_t number);
  Result<std::vector<std::string>> addresses_of_act(std::int64_t number);
  /// What an act changed, newest first.
  Result<std::vector<Change>> changes_of_act(std::int64_t number);
  Status add_change(const Change& change);
  /// False: it was (add), or was not (remove), exempt before.
  Result<bool> add_exemption(const Exemption& exemption);
  Result<bool> remove_exemption(std::string_view address);

  // Enforcement.

  /// Is off from `since` to `until`, whatever it was before.
  Status end_enforcement(const EnforcementOff& off);
  /// False: it was not off.
  Result<bool> resume_enforcement(Time now);

  // The breaker.

  Result<BreakerView> breakers();
  Status save(const Breaker& breaker);
  /// Its mail flows. False: it was not paused, or there is none.
  Result<bool> resume(const BreakerPlace& place, Duration length, const std::string& note,
                      const Change& change);
  /// Removes closed ones from before that time.
  Status forget_breakers(Time before);
  /// Of breakers that are tested.
  Result<std::vector<TestMessage>> test_messages();
  Status save(const TestMessage& message);
  /// It goes on under another queue id.
  Status move(const TestMessage& message, std::string_view queue_id, Time since);
  Status forget_test_messages(const BreakerPlace& place);

  // Retention of evidence: what can go is the caller's to decide.

  /// Once a day, from where the last step came to: the next `limit` rows.
  Result<EvidencePiece> next_old_evidence(Time oldest, Time now, std::int64_t limit);
  /// What is older, that neither an entry nor an audit row refers to: failures of the address, or against the
  /// `@domain`, that take back no delivery.
  Result<std::vector<Evidence>> old_evidence_of(std::string_view address, Time oldest);
  Status expunge_evidence(std::span<const std::int64_t> ids, Time now);

  // What observing needs.

  /// Outcomes ahead of the clock. False: it waits already.
  Result<bool> add_waiting(const Outcome& outcome);
  /// Those up to `until`, oldest first, at most `limit`: they wait no longer.
  Result<std::vector<Outcome>> take_waiting(Time until, std::int64_t limit);

  /// For report.index: findable by its Message-ID.
  Status index_delivery(const Outcome& delivery);
  /// Deliveries to an address of the message with that digest of its Message-ID, oldest first: time, message
  /// and tags.
  Result<std::vector<Outcome>> deliveries_of_message(std::string_view message, std::string_view address);
  Status add_gap(const Gap& gap);
  Status add_unproven(const Unproven& report);
  /// Adds to the counts of a day and keeps the newest samples.
  Status add_line_counts(Time day, const LineCounts& counts);
  Status add_line_samples(const std::vector<LineSample>& samples);
  /// Replaces values that are too many new ones of an account on that day. `dropped`: notes that were lost
  /// before.
  Status bound(std::vector<TagNote>& notes, std::uint64_t dropped, Time now);
  /// The same for the tags of one message.
  Status bound(Tags& tags, Time now);
  /// A milter takes tags from now on. The gap: one that did so was killed.
  Result<std::optional<TagGap>> open_tags(Time now);
  /// Notes are stored up to that time.
  Status note_tags_open(Time newest);
  /// The milter takes no more tags, and none are lost.
  Status close_tags();
  /// The newest one; nullopt: there was none.
  Result<std::optional<TagGap>> tag_gap();
  /// Whether a sender domain counts in the rates under its own name: not if it is one of too many new ones of
  /// that day.
  Result<bool> admit_sender_domain(std::string_view domain, Time day);
  /// Removes values that were first seen before `time`.
  Status forget_tag_values(Time time);

  // Messages that test half-open entries.

  Result<std::vector<Probe>> probes();
  /// Inserts, or replaces that of the same entry.
  Status save(const Probe& probe);
  Status remove_probe(std::string_view address);
  /// In place of an older one of that day; those past their time are removed.
  Status save(const SpamRate& rate, Time now);
  /// Removes those from before `time` of which the log does not say that they came into the queue.
  Status remove_unseen_probes(Time time);

  Status add_refusals(const std::vector<Refusal>& refusals, std::uint64_t dropped);
  /// Inserts (id 0) or updates; returns it with the row's id and state.
  Result<Cursor> save_cursor(Cursor cursor);
  /// Another process has read on in this stream since the cursor was stored, or looked up: what it has read
  /// is learned.
  Result<bool> is_overtaken(const Cursor& cursor);
  Status save(const TrackerChanges& changes);
  Status save(const Brake::Changes& changes);

 private:
  friend class Ledger;
  explicit Batch(LedgerState& state);
  void end() noexcept;

  LedgerState* state_;
  std::uint64_t number_;  ///< One that has failed is over, and does not end the next one.
};

class Ledger {
 public:
  /// What a commit promises. After a power cut, learning reads the log again (synchronous NORMAL); nobody
  /// repeats an act by hand (FULL).
  enum class Durability { learning, by_hand };

  /// `create` makes a missing file.
  enum class Mode { write, create };

  /// Opens the database for writing, on a connection of its own: checks that the file is ours and not newer,
  /// and migrates it forward.
  ///
  /// A world-writable file is refused. A file that is made has mode 0640, the group of its folder where that
  /// is allowed, and its folder's owner where we are root. Locks are waited for up to `patience`. Errors name
  /// the file and what to do.
  static Result<Ledger> open(const std::string& path, Mode mode, Durability durability,
                             std::chrono::milliseconds patience = std::chrono::seconds{5});
  /// One of several connections that this process keeps.
  static Result<Ledger> open(const std::shared_ptr<DatabaseGate>& gate, Mode mode, Durability durability,
                             std::chrono::milliseconds patience = std::chrono::seconds{5});
  explicit Ledger(std::unique_ptr<LedgerState> state);  ///< Within the layer.
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  ~Ledger();

  /// BEGIN IMMEDIATE. Error: any failure of SQLite; or the file was deleted or replaced, and what is at its
  /// path now, if anything, is used from the next call on.
  Result<Batch> begin();
  /// Whether another connection has written between two batches of this one.
  bool in_company() const;

  Result<std::vector<StoredMessage>> messages();
  Result<std::vector<TagNote>> tag_notes();
  Result<std::vector<TrafficBucket>> traffic();
  Result<std::vector<Cursor>> cursors_by_first_line(std::string_view first_line);
  Result<std::optional<Cursor>> newest_cursor(std::string_view source);
  /// Of all logs that were followed, not only replayed.
  Result<std::optional<Cursor>> newest_followed_cursor();

  /// nullopt: enforcement is on.
  Result<std::optional<EnforcementOff>> enforcement_off(Time now);
  Result<BreakerView> breakers();

  // Each in a transaction of its own.

  /// Writes what differs. The daemon does so at its start and at each reload.
  Status save(const ViewSettings& settings);
  /// What the daemon says of itself, in one line, and since when it is so: `look-ups ok; learning from ...`
  Status save_health(std::string_view health, Time since);
  /// Removes what is past its time, all but evidence: at most `limit` rows of each kind; true: there is more.
  /// Audited as one `expunged` row a day and table.
  Result<bool> expunge(const RetentionSettings& settings, Time now, int limit = 1000);

  /// For a copy, to learn again from the beginning: removes all that was learned, and what is known of logs.
  /// What people did stays (acts, entries by hand, exemptions), and so do the keys that decide.
  Status forget_learned();

  // The connection of a program that stays.

  /// From now on `listener` hears of every transaction. It must outlive the last of them.
  void tell(WriteListener& listener);
  /// The file that was opened, or its log, is no longer at its path: it was deleted or replaced.
  bool moved() const;
  /// As DatabaseGate::when_replaced.
  void when_replaced(std::function<void()> close);
  /// Closes what was moved, so that others can open the new file. What its log holds goes into the old file,
  /// wherever that is now.
  void leave() noexcept;
  /// After leave() every use is an error.
  bool closed() const;
  /// After a failure, or when moved: opens what is at the path now in place of what was open. Error: there is
  /// nothing, it cannot be opened, or DatabaseGate does not let it in; what was open stays so, unless it was
  /// moved.
  Status open_again();
  const std::string& path() const;

 private:
  std::unique_ptr<LedgerState> state_;
};

}  // namespace suppressd
