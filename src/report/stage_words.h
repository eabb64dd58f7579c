// At which command a server refused, by the words that the sending program puts around its reply. Private to
// this layer.
//
// Pure, linear in the text.
#pragma once

#include <string_view>

#include "suppressd/core/reply.h"

namespace suppressd::report {

/// RE2, in front of a command that a transcript shows as sent.
inline constexpr std::string_view kSent =
    R"((?mi)^[ \t]*(?:>>>|Sent <<<|Out:|C:|Command:|[^\n:]{1,30} sent:|[^\n]{0,60}-->)[ \t]*)";

/// Where the prose says it: Postfix's `(in reply to MAIL FROM command)`, Exim's `after RCPT TO:<...>`,
/// qmail's `does not like recipient`,
/// `[RCPT_TO]`. Unknown if it says nothing. `text` is about one recipient.
Stage stage_in_prose(std::string_view text);

/// Of a command or another step of the session, in lower case.
Stage stage_named(std::string_view name);

}  // namespace suppressd::report
