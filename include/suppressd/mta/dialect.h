// From a log entry to an event, whichever MTA wrote it.
//
// Recognises Postfix and Sendmail by the entry's own shape: the program name decides; an entry without one is
// decided by its form. Parsers read from the left and trust nothing that stands behind the server's words. No
// input makes them throw; a line that is cut, hostile or binary is `teaches_nothing` or `not_understood`.
// Pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "suppressd/core/event.h"

namespace suppressd {

/// `any` decides by itself, entry by entry; the others are fixed by configuration and then believe every
/// program name.
enum class Dialect : std::uint8_t { any, postfix, sendmail };

enum class Understood : std::uint8_t {
  event,            ///< The event was filled.
  teaches_nothing,  ///< Holds no event: connect lines, rejects, probes, local deliveries, other programs ...
  not_understood,   ///< Looks like a delivery line of an outbound service, but cannot be read.
};

/// Fills `event`, which the caller keeps and hands in again for the next entry, so that no line allocates.
/// Its views point into the entry. Unless the answer is `event`, its content is unspecified.
Understood parse_entry(const LogEntry& entry, Event& event, Dialect dialect = Dialect::any);

/// Whether a line, with its header or without, may tell of a permanent failure: told at a glance, for those
/// who must decide what is urgent. Both MTAs log a status code of class 5 (RFC 3463 section 2) as `dsn=5`; a
/// false alarm is a server's words that say so.
bool may_tell_permanent_failure(std::string_view line);

}  // namespace suppressd
