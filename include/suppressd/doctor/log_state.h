// The logs that suppressd follows, and how far behind it is.
//
// Reads the logs from the stored cursors on, as the daemon would, and changes nothing. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"
#include "suppressd/config/config.h"
#include "suppressd/core/cursor.h"

namespace suppressd {

struct LogState {
  std::string name;                ///< `file /var/log/mail.log`, `journal`
  std::string path;                ///< Of a file; empty: the journal.
  bool known = false;              ///< It was read before.
  std::optional<Time> read_until;  ///< Time of the last line that was learned from.
  std::uint64_t unread_lines = 0;
  std::uint64_t unread_bytes = 0;
  bool more = false;  ///< There are more than these.
  std::optional<Time> oldest_unread;
  std::optional<Time> newest;  ///< Line of the log.
  std::vector<Gap> gaps;       ///< That the daemon would record now.
  std::string trouble;         ///< Why it cannot be read here; empty: it can.
};

/// Error: there is no log to follow.
Result<std::vector<LogState>> look_at_logs(const Config& config, const std::vector<Cursor>& cursors);

}  // namespace suppressd
