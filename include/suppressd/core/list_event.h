// The events of an address, of which its state in the list is a function: outcomes of sends, reports,
// and acts by hand.
//
// An event counts once, however often it is read. Plain data, with all that the fold needs; the
// server's words are in the evidence. Pure functions, safe from any thread; nothing here fails.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
  take_back,  ///< A proven report: that message was not delivered.
  complaint,  ///< A feedback report.
  lift,       ///< Sets aside the failures and complaints up to it, of all kinds of entry or of one.
  undo,       ///< Takes the failures of some hours out of the set.
  confirm,    ///< What is pending at that time becomes active.
  add,        ///< An entry by hand.
  revert,     ///< Another act is as if it had never been.
  reconfirm,  ///< The person has confirmed the address: hard and soft entries end, and a message tests it.
};

/// How a failure became known. One send may have one event of each.
enum class FailurePhase : std::uint8_t {
  window,  ///< Deferred for `soft.retry_window` or more; the message is still in the queue.
  end,     ///< The MTA gave up.
  report,  ///< A bounce that came by mail.
};

/// How sure a judgement is. `bad_domain` is as weak as `weak`, with a ladder of its own.
enum class Certainty : std::uint8_t { sure, weak, bad_domain };

/// Identity of an event of one address, and its place in the order of the fold.
struct EventId {
  Time ended;  ///< The event's time: when the send ended, or the report or act was made.
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

/// The entry of one message differs by at most this much between two readings: `delay=` is rounded, and
/// lines have whole seconds.
inline constexpr Duration kEntryApart = std::chrono::seconds(5);
/// A trace is signed when the milter sees the message; its entry in the log may be this much earlier or
/// later.
inline constexpr Duration kTraceApart = std::chrono::hours(1);

/// The same host, instance and queue id, and entries at most kEntryApart apart.
bool same_message(const MessageKey& a, const MessageKey& b);
/// Whether both are readings of one event; their ends may differ.
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
  std::string reply;               ///< normal_text() of what the server said; empty unless needs_reply().
  std::string sender_domain = {};  ///< Of the message; only of a weak hard failure, for incidents of senders.
  std::string campaign = {};       ///< These: tags of the message.
  std::string source = {};
  std::string account = {};

  Certainty certainty() const;
};

/// Which failures an undo takes out: those that ended in [since, until) and sort before it. Empty or
/// nullopt: any.
struct UndoDetails {
  Time since;
  Time until;
  std::string provider;
  std::optional<Category> category;
  std::string rule;
  std::string domain;         ///< Of the recipients.
  std::string text;           ///< normal_text() of what the server said.
  std::string campaign = {};  ///< These: tags of the message.
  std::string source = {};
  std::string account = {};
};

/// What a lift sets aside: all that is known of the address, or that on which one kind of learned entry
/// rests, or the entries of one scope.
struct LiftDetails {
  std::optional<SuppressionKind> kind;    ///< Complaint, hard or soft; nullopt: all.
  std::optional<std::string> scope = {};  ///< Empty: entries for all mail; nullopt: of all scopes.

  bool operator==(const LiftDetails&) const = default;
};

/// An entry by hand: manual, unsubscribe or complaint. Also of a complaint that was learned.
struct AddDetails {
  SuppressionKind kind = SuppressionKind::manual;
  std::optional<Time> until;  ///< First second at which it no longer refuses; nullopt: permanent.
  std::string scope = {};     ///< Whose mail it refuses; empty: all mail.
};

/// The act that a revert names.
struct RevertDetails {
  std::string host;
  std::int64_t number = 0;

  bool names(const EventId& act) const {
    return act.is_act() && act.number == number && act.message.host == host;
  }
};

/// An event with its details: FailureDetails of a failure, UndoDetails of an undo, and so on. Without the
/// details of its kind it has no effect; a lift without them is one of all kinds.
struct ListEvent {
  EventId id;
  std::variant<std::monostate, FailureDetails, LiftDetails, UndoDetails, AddDetails, RevertDetails> details;

  const FailureDetails* failure() const { return std::get_if<FailureDetails>(&details); }
  const LiftDetails* lift() const { return std::get_if<LiftDetails>(&details); }
  const UndoDetails* undo() const { return std::get_if<UndoDetails>(&details); }
  const AddDetails* addition() const { return std::get_if<AddDetails>(&details); }
  const RevertDetails* revert() const { return std::get_if<RevertDetails>(&details); }
};

/// Whether both are readings of one event.
bool same_event(const Outcome& a, const Outcome& b);
/// One outcome of two readings of an event: the one with the earlier end, and of equal ends `kept`;
/// completed by what only the other one has, because a log may begin in the middle of a send.
Outcome merge_readings(Outcome kept, Outcome read);

/// Whether one of these acts is an undo that goes by what servers said at that time: only then the events of
/// that time have the reply.
bool needs_reply(std::span<const ListEvent> list_acts, Time ended);

/// The events of an outcome: two for a report that cancels a delivery, none for a relayed send or a
/// failure of action `none`, else one.
std::vector<ListEvent> events_of(const Outcome& outcome, bool with_reply = false);

/// The same, as far as they are events of `address`: a failure that counts against a domain is one of its
/// `@domain`, all else of the address that was mailed.
std::vector<ListEvent> events_of(const Evidence& evidence, std::string_view address, bool with_reply = false);
/// The message as it is named in the events of an `@domain`: one message may have several addresses there.
MessageKey message_to(const MessageKey& message, std::string_view address);
/// Takes the address off again, and returns it; empty: there is none.
std::string address_in(MessageKey& message);

/// Each event once, in the fold's order: as the reading with the earliest end has it, with the earliest
/// entry of all readings.
std::vector<ListEvent> merge_readings(std::vector<ListEvent> readings);

}  // namespace suppressd
