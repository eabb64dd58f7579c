// The events that an address's state in the list is a function of: outcomes of sends, reports, and acts by
// hand.
//
// An event counts once, however often it is read. Plain data, complete for the fold; who made it and in which
// words it was told stays with the evidence. Pure functions, safe from any thread; nothing here fails.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/category.h"
#include "suppressd/core/message_key.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/suppression.h"

namespace suppressd {

/// Events of one second are folded in this order; acts by hand, from `lift` on, by their number.
enum class ListEventKind : std::uint8_t {
  failure,    ///< A send failed, with action hard or soft.
  delivery,   ///< A send was delivered.
  take_back,  ///< A proven report: the delivery of that message was none.
  complaint,  ///< A feedback report.
  lift,       ///< Sets aside the failures and complaints up to it, of all kinds of entry or of one.
  undo,       ///< Takes the failures of some hours out of the set.
  confirm,    ///< What is pending at that time becomes active.
  add,        ///< An entry by hand.
  revert,     ///< Another act is as if it had never been.
};

/// How a failure was learned of. One send may have one event of each.
enum class FailurePhase : std::uint8_t {
  window,  ///< Deferred for `soft.retry_window` or more; the message is still in the queue.
  end,     ///< The MTA gave up.
  report,  ///< A bounce that came by mail.
};

/// How much a judgement claims. `bad_domain` is as weak as `weak`, with a ladder of its own.
enum class Certainty : std::uint8_t { sure, weak, bad_domain };

/// Identity of an event of one address, and its place in the order of the fold.
struct EventId {
  Time ended;  ///< The event's time: when the send ended, the report was made, or the act was done.
  ListEventKind kind = ListEventKind::failure;
  FailurePhase phase = FailurePhase::end;  ///< Of a failure; `end` for all others.
  /// Of an act: `host` is the node that numbered it (empty on a single machine), the rest is empty. Of a
  /// take-back or complaint proven by a trace, host and instance are empty.
  MessageKey message;
  std::int64_t number = 0;  ///< Of an act: unique per `message.host`, rising. 0 for all others.

  bool is_act() const { return kind >= ListEventKind::lift; }
  bool operator==(const EventId&) const = default;
};

/// Whether `a` is folded before `b`: by second, kind, entry, host, instance, queue id and phase; acts by
/// number and host. A strict total order over different events.
bool before(const EventId& a, const EventId& b);

/// Readings of one message differ in its entry by at most this much: `delay=` is rounded, and lines tell
/// whole seconds.
inline constexpr Duration kEntryApart = std::chrono::seconds(5);
/// A trace is signed when the milter sees the message; the log may tell its entry as much as this before or
/// after.
inline constexpr Duration kTraceApart = std::chrono::hours(1);

/// The same host, instance and queue id, and entries at most kEntryApart apart.
bool same_message(const MessageKey& a, const MessageKey& b);
/// Whether both are readings of one event. Ends do not matter.
bool same_event(const EventId& a, const EventId& b);
/// Whether `take_back` is about the message of `delivery`; it may be proven by a trace.
bool is_about(const EventId& take_back, const EventId& delivery);
bool is_about(const MessageKey& said, const MessageKey& message);

/// What a failure was judged to mean, and where it happened.
struct FailureDetails {
  Action action = Action::soft;  ///< `hard` or `soft`: no other failure is an event.
  Category category = Category::undetermined_temporary;
  bool weak = false;
  std::string rule;
  std::string provider;

  Certainty certainty() const;
};

/// Which failures an undo takes out: those that ended in [since, until) and sort before it. Empty or nullopt:
/// any.
struct UndoDetails {
  Time since;
  Time until;
  std::string provider;
  std::optional<Category> category;
  std::string rule;
};

/// What a lift ends: all that is known of the address, or what one kind of learned entry rests on.
struct LiftDetails {
  std::optional<SuppressionKind> kind;  ///< Complaint, hard or soft; nullopt: all.

  bool operator==(const LiftDetails&) const = default;
};

/// An entry by hand: manual, unsubscribe or complaint.
struct AddDetails {
  SuppressionKind kind = SuppressionKind::manual;
  std::optional<Time> until;  ///< First second at which it refuses no longer; nullopt: permanent.
};

/// The act that a revert names.
struct RevertDetails {
  std::string host;
  std::int64_t number = 0;

  bool names(const EventId& act) const {
    return act.is_act() && act.number == number && act.message.host == host;
  }
};

/// An event with its details: FailureDetails of a failure, UndoDetails of an undo, and so on. One without the
/// details of its kind counts for nothing; a lift without them lifts all.
struct ListEvent {
  EventId id;
  std::variant<std::monostate, FailureDetails, LiftDetails, UndoDetails, AddDetails, RevertDetails> details;

  const FailureDetails* failure() const { return std::get_if<FailureDetails>(&details); }
  const LiftDetails* lift() const { return std::get_if<LiftDetails>(&details); }
  const UndoDetails* undo() const { return std::get_if<UndoDetails>(&details); }
  const AddDetails* addition() const { return std::get_if<AddDetails>(&details); }
  const RevertDetails* revert() const { return std::get_if<RevertDetails>(&details); }
};

/// Whether both tell of one event.
bool same_event(const Outcome& a, const Outcome& b);
/// Two readings of one event: the one with the earlier end stands, and of equal ends `kept`, completed by
/// what the other one knows more: a log may begin inside a send.
Outcome merge_readings(Outcome kept, Outcome read);

/// The events that an outcome is: none, one, or of a report that proves that a delivery was none, two. A
/// failure of action `none` is none.
std::vector<ListEvent> events_of(const Outcome& outcome);

/// Each event once, in the fold's order: of its readings the earliest end and entry stand, and what the
/// reading with the earliest end says.
std::vector<ListEvent> merge_readings(std::vector<ListEvent> readings);

}  // namespace suppressd
