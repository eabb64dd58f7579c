// An event as one line of text, for golden files.
#pragma once

#include <string>

#include "suppressd/core/event.h"
#include "suppressd/mta/dialect.h"

namespace suppressd {

/// `2026-11-21T00:18:19Z mta postfix 7C8ED12E02E attempt to=<a@b> bounced relay=... ...`; fields without a
/// value are left out. `entry` is shown where it was not understood.
std::string event_text(const LogEntry& entry, const Reading& reading);

}  // namespace suppressd
