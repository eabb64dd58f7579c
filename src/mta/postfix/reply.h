// Extracts what the remote server said from Postfix's free text.
//
// If Postfix quotes a reply (`host X said: ...`, `refused to talk to me: ...`), Reply::text is only
// the quoted reply. Otherwise it is Postfix's own text, unchanged (`connect to X: Connection timed
// out`). The stage comes from Postfix's words around the quoted reply, never from the reply. Pure
// functions, safe from any thread. Private to this folder and the tests.
#pragma once

#include <string_view>

#include "suppressd/core/reply.h"

namespace suppressd {

/// `text` is the text in Postfix's parentheses, without `delivery temporarily suspended: `.
Reply read_postfix_reply(std::string_view text);

/// The host or domain that, by Postfix's own words, was not found, was not reached, or replied:
/// `example.com`, `mx.example.com[192.0.2.1]:25`. Empty if they name none. `text` as above.
std::string_view host_in_postfix_words(std::string_view text);

}  // namespace suppressd
