// The message that a report returns, in whole or only its header. Private to this layer.
#pragma once

#include <string_view>

#include "suppressd/report/report.h"

#include "mail_header.h"

namespace suppressd::report {

/// Reads from the header what identifies the message. What the report itself stated (envelope id, sender)
/// stays.
void read_returned(const MailHeader& header, ReturnedMessage& returned);

/// A mailing list or a person forwarded it: it has more recipients than its header names.
bool was_distributed(const MailHeader& header);

/// The Message-ID that a report which returns nothing answers: In-Reply-To, else the last of References
/// (RFC 5322 section 3.6.4).
std::string answered_message_id(const MailHeader& header);

/// Where the header of a returned message begins in the text of a notice: after a line that announces it, or
/// where three fields that only a message has are at the left margin; npos: nowhere. `announced` is where
/// the notice itself ends.
struct ReturnedAt {
  std::size_t notice_end = std::string_view::npos;
  std::size_t header = std::string_view::npos;
};
ReturnedAt find_returned(std::string_view notice);

}  // namespace suppressd::report
