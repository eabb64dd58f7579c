// Reads the headers of log lines in text: time, host, program.
//
// Knows RFC 3164 (padded, zero-padded, with or without host, with <PRI>, with a year), ISO 8601
// (rsyslog, syslog-ng), RFC 5424, Postfix's own maillog_file, Solaris message ids, BSD's
// <facility.level> and AIX's facility:level. Pure except for the clock; any bytes are valid input.
#pragma once

#include <optional>
#include <string_view>

#include "suppressd/core/event.h"
#include "suppressd/mta/line_clock.h"

namespace suppressd {

/// Splits a line into header and message. nullopt: not a log line (no time stamp of a known form).
std::optional<LogEntry> parse_log_line(std::string_view line, LineClock& clock);

/// Reads a line without time and host, as people paste it: `QID: to=<...>, ...`, or
/// `postfix/smtp[123]: QID: ...`. Its time is 0. nullopt: no dialect knows its form; it may be a
/// bare reply.
std::optional<LogEntry> parse_bare_line(std::string_view line);

}  // namespace suppressd
