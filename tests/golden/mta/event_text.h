// An event as one line of text, for golden files.
#pragma once

#include <string>

#include "suppressd/core/event.h"
#include "suppressd/mta/dialect.h"

namespace suppressd {

/// `2026-11-21T00:18:19Z mta postfix 7C8ED12E02E attempt to=<a@b> bounced relay=... ...`; fields without a
/// value are left out.
std::string event_text(const LogEntry& entry, Understood understood, const Event& event);

}  // namespace suppressd
