// What the remote server said, taken out of Sendmail's `reply=` and `stat=`.
//
// Where there is a reply, Reply::text is that reply and nothing else; in all other cases it is Sendmail's own
// words as they are. Pure, safe from any thread. Private to this folder and the tests.
#pragma once

#include <string_view>

#include "suppressd/core/reply.h"

namespace suppressd {

/// Sendmail's `reply=` (may be empty) and `stat=`, beside the status that it logged: where there is no reply
/// and Sendmail's own wording contradicts the status (`dsn=5.7.1, stat=User unknown`), the text is left
/// empty, so that the status decides.
Reply read_sendmail_reply(std::string_view reply, std::string_view stat, EnhancedStatus logged);

}  // namespace suppressd
