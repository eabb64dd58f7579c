// From a log entry to an event, whichever MTA wrote it.
//
// Each MTA's log is a dialect: a folder beside this layer's sources (src/mta/postfix) and one row of the
// table in src/mta/dialects.cpp. All that depends on the MTA goes by that row: which lines are read, the
// values of `mta.dialect`, what is urgent, the units whose journal is followed. Parsers read from the left
// and trust nothing that comes after the server's words. No input makes them throw; a line that is cut,
// hostile or binary is `teaches_nothing` or `not_understood`. Pure functions, safe from any thread.
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
  event,            ///< It told an event.
  teaches_nothing,  ///< Holds no event: connect lines, rejects, probes, local deliveries, other programs ...
  not_understood,   ///< Looks like a delivery line of an outbound service, but cannot be read.
};

/// What became of one log entry: an event, or why there is none.
class Reading {
 public:
  /// No event. `why` is one of the other two.
  Reading(Understood why) : understood_(why) {}
  /// An event of the entry's time and host. `told` is one of the alternatives of Event::what.
  template <typename Told>
  Reading(const LogEntry& entry, std::string_view instance, std::string_view queue_id, Told&& told)
      : understood_(Understood::event),
        event_(std::in_place, entry.at, QueueKey{entry.host, instance, queue_id}, std::forward<Told>(told)) {}

  Understood understood() const { return understood_; }
  explicit operator bool() const { return understood_ == Understood::event; }
  /// Only of a reading that holds one.
  const Event& operator*() const { return *event_; }
  const Event* operator->() const { return &*event_; }

 private:
  Understood understood_;
  std::optional<Event> event_;
};

/// One row of the table: how one MTA writes its log.
struct Dialect {
  std::string_view name;  ///< As `mta.dialect` and `classify` have it: small letters.

  /// Whether the entry's program name is this MTA's; where the entry names none, whether its form is. No two
  /// dialects claim one entry; the first of the table is believed.
  bool (*claims)(const LogEntry& entry);

  /// Takes the queue id that a message begins with, and what separates it from the rest, off. nullopt: it
  /// begins with none, and so tells of no message. An id must not be an everyday word: in a log that names
  /// neither host nor program it is what tells a line's text from its header.
  std::optional<std::string_view> (*take_queue_id)(std::string_view& message);

  /// `rest` is what comes after the queue id. Is also asked about entries that it does not claim, where
  /// `mta.dialect` is fixed.
  Reading (*parse)(const LogEntry& entry, std::string_view queue_id, std::string_view rest);

  /// What each line that tells of a permanent failure holds, and few others: such lines do not wait to be
  /// learned from. A false alarm costs a transaction.
  std::string_view permanent_failure;

  /// The systemd units that log it, as of fnmatch(3): part of the default of `source.units`.
  std::string_view units;
};

/// The table. Rows live as long as the program.
std::span<const Dialect* const> dialects();
/// nullptr: there is none of that name.
const Dialect* find_dialect(std::string_view name);
/// The dialect that claims the entry; nullptr: none does.
const Dialect* dialect_of(const LogEntry& entry);

/// The event's views point into the entry. `dialect`: as configuration fixes it, then every program name is
/// believed; nullptr: the one that claims the entry.
Reading parse_entry(const LogEntry& entry, const Dialect* dialect = nullptr);

/// Whether a message begins with the queue id of any dialect.
bool begins_with_queue_id(std::string_view message);

/// Whether a line, with its header or without, may tell of a permanent failure in any dialect: told at a
/// glance, for those who must decide what is urgent.
bool may_tell_permanent_failure(std::string_view line);

/// Dialect::units of all.
std::vector<std::string> units_of_dialects();

}  // namespace suppressd
