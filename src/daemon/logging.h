// The daemon's own log: standard error, in the form that its reader expects.
//
// Under systemd (JOURNAL_STREAM is set) a line begins with its priority, as sd-daemon(3) describes; elsewhere
// with the time and the level. Callers clean text from outside before they log it. Safe from any thread.
#pragma once

#include <string>

#include "suppressd/base/result.h"

namespace suppressd {

/// `level`: debug, info, warning, error.
Status set_up_logging(const std::string& level);

}  // namespace suppressd
