// What the remote server said, taken out of an MTA's free text.
//
// Where the MTA quotes a reply (`host X said: ...`, `refused to talk to me: ...`, Sendmail's `reply=`),
// Reply::text is the quoted reply and nothing else; in all other cases it is the MTA's own words as they
// stand (`connect to X: Connection timed out`). The stage comes from the MTA's words around the quotation,
// never from within it. Pure functions, safe from any thread.
#pragma once

#include <string_view>

#include "suppressd/core/reply.h"

namespace suppressd {

/// `text` is what stands in Postfix's parentheses, `delivery temporarily suspended: ` taken off.
Reply read_postfix_reply(std::string_view text);

/// Sendmail's `reply=` (may be empty) and `stat=`, beside the status that it logged: where there is no reply
/// and Sendmail's own wording contradicts the status (`dsn=5.7.1, stat=User unknown`), the text is left
/// empty, so that the status decides.
Reply read_sendmail_reply(std::string_view reply, std::string_view stat, EnhancedStatus logged);

/// The host or domain of which Postfix's own words say that it could not be found or reached, or that it said
/// something: `example.com`, `mx.example.com[192.0.2.1]:25`. Empty where they name none. `text` as above.
std::string_view host_in_postfix_words(std::string_view text);

}  // namespace suppressd
