// The fields of one delivery line as Postfix writes them (log_adhoc.c), before they are
// interpreted.
//
// Reads names and values once, from left to right, up to the free text, which is never searched for
// fields. Views point into the line. Pure functions, safe from any thread. Private to this folder
// and the tests.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace suppressd {

/// `to=<a>, [orig_to=<b>,] relay=..., [conn_use=N,] delay=..., [delays=...,] [tls=...,] [dsn=...,]
/// status=WORD (text)`.
struct PostfixDelivery {
  std::string_view to;       ///< Without brackets, but with quotes.
  std::string_view orig_to;  ///< Empty if there is none.
  std::string_view relay;
  std::string_view delay;
  std::string_view dsn;     ///< Empty before Postfix 2.3.
  std::string_view status;  ///< `sent`, `bounced`, `SOFTBOUNCE` ...
  std::string_view text;    ///< The free text without its parentheses.
};

/// The end of the `<address>` at the start of `text`: after a `>` outside quotes that is followed
/// by `, ` or by nothing. A quoted local part may contain anything, even `>, status=sent`. nullopt:
/// there is no address.
std::optional<std::size_t> end_of_bracketed(std::string_view text);

/// `fields` is what follows `QID: `. nullopt: it does not begin with `to=`, or has no status.
std::optional<PostfixDelivery> read_postfix_delivery(std::string_view fields);

}  // namespace suppressd
