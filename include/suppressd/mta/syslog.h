// Log headers in text: time, host, program.
//
// Reads RFC 3164 (padded, zero-padded, with or without host, with <PRI>, with a year), ISO 8601 (rsyslog,
// syslog-ng), RFC 5424, Postfix's own maillog_file, Solaris message ids, BSD's <facility.level> and AIX's
// facility:level. Pure but for the clock; never fails on any bytes.
#pragma once

#include <optional>
#include <string_view>

#include "suppressd/core/event.h"
#include "suppressd/mta/line_clock.h"

namespace suppressd {

/// Takes the header off. nullopt: not a log line (no time stamp that is understood).
std::optional<LogEntry> parse_log_line(std::string_view line, LineClock& clock);

/// A line without time and host, as people paste them: `QID: to=<...>, ...`, or `postfix/smtp[123]: QID:
/// ...`. Its time is 0. nullopt: no dialect knows its form; it is for instance a bare reply.
std::optional<LogEntry> parse_bare_line(std::string_view line);

}  // namespace suppressd
