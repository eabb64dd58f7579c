// Turns a log entry into an event, whichever MTA wrote it.
//
// Each MTA's log is a dialect: a folder beside this layer's sources (src/mta/postfix) and one row
// of the table in src/mta/dialects.cpp. That row holds everything that depends on the MTA: which
// lines are read, the values of `mta.dialect`, what is urgent, the units whose journal is followed.
// Parsers read from left to right and trust nothing that comes after the server's words. No input
// makes them throw: a line that is cut, hostile or binary is `teaches_nothing` or `not_understood`.
// Pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "suppressd/core/event.h"

namespace suppressd {

enum class Understood : std::uint8_t {
  event,            ///< Holds an event.
  teaches_nothing,  ///< Holds no event: connect lines, rejects, probes, local deliveries, other programs ...
  not_understood,   ///< Looks like a delivery line of an outbound service, but cannot be read.
};

/// What became of one log entry: an event, or why there is none.
class Reading {
 public:
  /// No event. `why` is one of the other two.
  Reading(Understood why) : understood_(why) {}
  /// An event with the entry's time and host. `told` is one of the alternatives of Event::what.
  template <typename Told>
  Reading(const LogEntry& entry, std::string_view instance, std::string_view queue_id, Told&& told)
      : event_(std::in_place, entry.at, QueueKey{entry.host, instance, queue_id}, std::forward<Told>(told)) {}

  Understood understood() const { return understood_; }
  explicit operator bool() const { return understood_ == Understood::event; }
  /// Only if there is an event.
  const Event& operator*() const { return *event_; }
  const Event* operator->() const { return &*event_; }

 private:
  Understood understood_ = Understood::event;
  std::optional<Event> event_;
};

/// One row of the table: how one MTA writes its log.
struct Dialect {
  std::string_view name;  ///< Lower case, as in `mta.dialect` and in `classify`.

  /// Whether this MTA wrote the entry: decided by the program name or, if the entry has none, by
  /// the form of the message. Two dialects should not claim the same entry; if they do, the first
  /// in the table wins.
  bool (*claims)(const LogEntry& entry);

  /// Removes the queue id at the start of a message and the separator after it, and returns the id.
  /// nullopt: there is no queue id, so the line is not about a mail. An id must not be an everyday
  /// word: in a log without host and program names, only the id shows where a line's header ends
  /// and its text begins.
  std::optional<std::string_view> (*take_queue_id)(std::string_view& message);

  /// `rest` is what comes after the queue id. If `mta.dialect` names this dialect, parse() also
  /// gets entries that the dialect does not claim.
  Reading (*parse)(const LogEntry& entry, std::string_view queue_id, std::string_view rest);

  /// A text that occurs in each line about a permanent failure and in few others: such lines are
  /// learned from without delay. A false alarm costs one transaction.
  std::string_view permanent_failure;

  /// The systemd units of this MTA, as a pattern for fnmatch(3): part of the default of
  /// `source.units`.
  std::string_view units;
};

/// The table. Rows live as long as the program.
std::span<const Dialect* const> dialects();
/// nullptr: there is no dialect of that name.
const Dialect* find_dialect(std::string_view name);
/// The dialect that claims the entry; nullptr: none does.
const Dialect* dialect_of(const LogEntry& entry);

/// The event's views point into the entry. `dialect`: the one that the configuration fixes, which
/// then reads entries of any program; nullptr: use the dialect that claims the entry.
Reading parse_entry(const LogEntry& entry, const Dialect* dialect = nullptr);

/// Whether a message begins with the queue id of any dialect.
bool begins_with_queue_id(std::string_view message);

/// Whether a line, with or without its header, may be about a permanent failure in any dialect. A
/// quick look at Dialect::permanent_failure, for callers that must know which lines are urgent.
bool may_tell_permanent_failure(std::string_view line);

/// Dialect::units of all dialects.
std::vector<std::string> units_of_dialects();

}  // namespace suppressd
