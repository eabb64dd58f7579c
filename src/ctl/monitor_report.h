// The page with which a week in monitor mode ends: what enforcing would have done.
#pragma once

#include <string>

#include "context.h"

namespace suppressd::ctl {

/// At most 60 lines of 80 columns, or one JSON object. Exit status 1: nothing was recorded, because the
/// daemon does not run in monitor mode.
Result<int> report_monitor(Context& context, const std::string& since);

}  // namespace suppressd::ctl
