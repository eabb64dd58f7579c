// Who wrote a mail, by its header: a mail system, an answering machine, or a person. Private to this layer.
#pragma once

#include "mail_header.h"

namespace suppressd::report {

/// A server's own mail: the null sender (RFC 5321 section 4.5.5), or an address or subject that servers use for bounces.
bool is_from_mail_system(const MailHeader& header);

/// An automatic answer in a person's name (RFC 3834): it says so, or has the null sender without being a server's.
bool is_automatic_answer(const MailHeader& header);

}  // namespace suppressd::report
