// What the remote server said, taken out of Postfix's free text.
//
// Where Postfix quotes a reply (`host X said: ...`, `refused to talk to me: ...`), Reply::text is the quoted
// reply and nothing else; in all other cases it is Postfix's own words as they are (`connect to X: Connection
// timed out`). The stage comes from Postfix's words around the quotation, never from within it. Pure
// functions, safe from any thread. Private to this folder and the tests.
#pragma once

#include <string_view>

#include "suppressd/core/reply.h"

namespace suppressd {

/// `text` is what is in Postfix's parentheses, without `delivery temporarily suspended: `.
Reply read_postfix_reply(std::string_view text);

/// The host or domain of which Postfix's own words say that it could not be found or reached, or that it said
/// something: `example.com`, `mx.example.com[192.0.2.1]:25`. Empty where they name none. `text` as above.
std::string_view host_in_postfix_words(std::string_view text);

}  // namespace suppressd
