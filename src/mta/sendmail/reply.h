// Extracts what the remote server said from Sendmail's `reply=` and `stat=`.
//
// If there is a reply, Reply::text is only that reply. Otherwise it is Sendmail's own text,
// unchanged. Pure, safe from any thread. Private to this folder and the tests.
#pragma once

#include <string_view>

#include "suppressd/core/reply.h"

namespace suppressd {

/// Reads Sendmail's `reply=` (may be empty) and `stat=`; `logged` is the status that it logged. If
/// there is no reply and Sendmail's own wording contradicts the status (`dsn=5.7.1, stat=User
/// unknown`), the text is left empty, so that the status decides.
Reply read_sendmail_reply(std::string_view reply, std::string_view stat, EnhancedStatus logged);

}  // namespace suppressd
