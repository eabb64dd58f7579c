// The fields of one delivery line as Postfix writes them (log_adhoc.c), before anything is made of them.
//
// Read once from the left: names and values up to the free text, whose content is never searched for fields.
// Views point into the line. Pure functions, safe from any thread. Private to this folder and the tests.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace suppressd {

/// `to=<a>, [orig_to=<b>,] relay=..., [conn_use=N,] delay=..., [delays=...,] [tls=...,] [dsn=...,]
/// status=WORD (text)`.
struct PostfixDelivery {
  std::string_view to;       ///< Brackets off, quotes kept.
  std::string_view orig_to;  ///< Empty where there is none.
  std::string_view relay;
  std::string_view delay;
  std::string_view dsn;     ///< Empty before Postfix 2.3.
  std::string_view status;  ///< `sent`, `bounced`, `SOFTBOUNCE` ...
  std::string_view text;    ///< The free text without its parentheses.
};

/// Where the `<address>` that `text` begins with ends: behind the `>` that `, ` or nothing follows, outside
/// quotes. A quoted local part may hold anything, `>, status=sent` included. nullopt: there is none.
std::optional<std::size_t> end_of_bracketed(std::string_view text);

/// `fields` is what stands after `QID: `. nullopt: no `to=`, or the line does not go on to a status.
std::optional<PostfixDelivery> read_postfix_delivery(std::string_view fields);

}  // namespace suppressd
