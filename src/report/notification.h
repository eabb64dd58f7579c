// Bounce, complaint and delivery notifications that a mail service sends as JSON: Amazon SES through SNS.
// Private to this layer.
//
// Reads members by their path (nlohmann-json's events, no tree). Bounded in depth and members; what is broken
// ends the reading, and what was read before counts.
#pragma once

#include <string_view>

#include "suppressd/report/report.h"

namespace suppressd::report {

/// Makes `report` what the JSON object at the start of `text` reports, or one that such an object contains as
/// a string. False if there is no notification.
bool read_notification(std::string_view text, Report& report);

}  // namespace suppressd::report
