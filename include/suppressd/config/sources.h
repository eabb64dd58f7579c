// Which logs are followed.
//
// The configuration names them, or `source.journal = auto` chooses: the log that was followed before, as long
// as it exists; else the journal, if the MTA writes to it, because no other user can forge its entries; else
// one of the usual mail logs. Called at start, and again as long as no log can be read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/config/config.h"
#include "suppressd/source/source.h"

namespace suppressd {

using Sources = std::vector<std::unique_ptr<Source>>;

/// Where a host keeps its logs.
struct LogPlaces {
  /// Where syslog daemons write mail: Debian and Ubuntu, then Red Hat, SUSE and the BSDs.
  std::vector<std::string> files = {"/var/log/mail.log", "/var/log/maillog", "/var/log/mail"};
  std::string journal;  ///< A folder; empty: the system's journal.
};

struct Logs {
  Sources sources;
  std::string reason;                 ///< Why these were chosen; empty: the configuration names them.
  std::vector<std::string> warnings;  ///< What the operator should change, one line each.
  std::optional<Cursor> before;       ///< Of the log that was followed last, if it is not one of these.
};

/// Error: nothing to read, and what to configure; or the book cannot be read.
Result<Logs> choose_logs(const Config& config, CursorBook& book, const LogPlaces& places = {});

/// Whether there is a log, and all logs that are to be followed can be read now.
Status check_logs(const Config& config);

}  // namespace suppressd
