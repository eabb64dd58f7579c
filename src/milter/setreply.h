// Makes a text fit for smfi_setreply.
//
// libmilter refuses more than 980 characters, CR and LF, but accepts all other control characters.
// Sendmail and Postfix read the text as a format, so `%` is doubled. Pure, safe from any thread.
#pragma once

#include <string>
#include <string_view>

namespace suppressd {

/// `text` cleaned, with each `%` doubled, and cut at 980 characters, but never between two `%` of a
/// pair.
std::string setreply_text(std::string_view text);

}  // namespace suppressd
