// At which stage of the SMTP dialogue something failed, by the words of the program that sent the mail.
//
// MTAs put it around the reply that they quote: Postfix `(in reply to MAIL FROM command)`, Exim `after RCPT
// TO:<...>`, qmail `does not like recipient`. One table of names and one of phrases serve log lines and
// bounces. Pure, linear in the text, safe from any thread.
#pragma once

#include <string_view>

#include "suppressd/core/reply.h"

namespace suppressd {

/// Of a step of the session that `name` begins with, in any case: `RCPT TO command`, `end of data`, `initial
/// server greeting`, `.`; unknown where it begins with none.
Stage stage_named(std::string_view name);

/// What a reply's own text names; unknown where it names none. For text that may be all the server's: a
/// command counts only where an MTA's words introduce it. `wording` is what wording_of() gave (wording.h).
Stage stage_in(std::string_view wording);

/// What a bounce's prose about one recipient names; unknown where it names none. Knows more sentences than
/// stage_in(), as most of that text is the sending program's.
Stage stage_in_prose(std::string_view text);

}  // namespace suppressd
