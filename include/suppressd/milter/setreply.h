// The text that smfi_setreply takes.
//
// libmilter refuses more than 980 characters, CR and LF, but lets all other control characters through;
// Sendmail reads the text as a format, and Postfix does the same, so `%` is doubled. Pure, safe from any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace suppressd {

/// `text` cleaned, with `%` doubled, cut at 980 characters and never between the two of a pair.
std::string setreply_text(std::string_view text);

}  // namespace suppressd
