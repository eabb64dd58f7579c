// From a log entry to an event, whichever MTA wrote it.
//
// Recognises Postfix and Sendmail by the entry's own shape: the program name decides; an entry without one is
// decided by its form. Parsers read from the left and trust nothing that stands behind the server's words. No
// input makes them throw; a line that is cut, hostile or binary is `teaches_nothing` or `not_understood`.
// Pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "suppressd/core/event.h"

namespace suppressd {

/// `any` decides by itself, entry by entry; the others are fixed by configuration and then believe every
/// program name.
enum class Dialect : std::uint8_t { any, postfix, sendmail };

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
  template <typename Told>
  Reading(const LogEntry& entry, std::string_view instance, std::string_view queue_id, Told&& told)
      : understood_(Understood::event),
        event_(Event{entry.at, {entry.host, instance, queue_id}, std::forward<Told>(told)}) {}

  Understood understood() const { return understood_; }
  explicit operator bool() const { return understood_ == Understood::event; }
  /// Only of a reading that holds one.
  const Event& operator*() const { return *event_; }
  const Event* operator->() const { return &*event_; }

 private:
  Understood understood_;
  std::optional<Event> event_;
};

/// The event's views point into the entry.
Reading parse_entry(const LogEntry& entry, Dialect dialect = Dialect::any);

/// Whether a line, with its header or without, may tell of a permanent failure: told at a glance, for those
/// who must decide what is urgent. Both MTAs log a status code of class 5 (RFC 3463 section 2) as `dsn=5`; a
/// false alarm is a server's words that say so.
bool may_tell_permanent_failure(std::string_view line);

}  // namespace suppressd
