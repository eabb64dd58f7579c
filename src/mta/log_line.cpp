#include "suppressd/mta/log_line.h"

#include "journal_line.h"
#include "syslog.h"

namespace suppressd {

std::optional<LogEntry> LogLineReader::read(std::string_view line) {
  if (!line.starts_with('{')) return parse_log_line(line, clock_);
  std::optional<LogEntry> entry = parse_journal_line(line, decoded_);
  if (entry) clock_.note(entry->at);
  return entry;
}

}  // namespace suppressd
