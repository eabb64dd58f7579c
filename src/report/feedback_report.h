// message/feedback-report (RFC 5965), and Hotmail's older form of it. Private to this layer.
#pragma once

#include <string_view>

#include "suppressd/report/report.h"

#include "mail_header.h"

namespace suppressd::report {

/// Makes `report` one of feedback by the fields in `text`: every Original-Rcpt-To is a recipient, else
/// Removal-Recipient. If none is named, one recipient without an address represents whoever complained.
/// False if `text` has no Feedback-Type.
bool read_feedback_report(std::string_view text, Report& report);

/// Hotmail's Junk Mail Reporting Program before 2018: the message itself, with a field that names the
/// recipient, from its staff address.
bool read_hotmail_complaint(const MailHeader& mail, const MailHeader& returned, Report& report);

}  // namespace suppressd::report
