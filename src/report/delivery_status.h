// message/delivery-status (RFC 3464), and what MTAs make of it. Private to this layer.
//
// Groups of fields, separated by blank lines: the first is about the message, each further one about a
// recipient. Both are also read from the text of a mail that lost its structure. For a recipient, only the
// fields of its own group count.
#pragma once

#include <string_view>

#include "suppressd/report/report.h"

namespace suppressd::report {

/// Adds the recipients in `text` to `report`, and what the first group says about the message. A group
/// without Action counts only if its Status is permanent.
void read_delivery_status(std::string_view text, Report& report);

/// Where groups of such fields begin in another text, after a blank line; npos: nowhere. A line in the
/// middle of a server's reply does not begin one.
std::size_t find_delivery_status(std::string_view text);

/// `rfc822; user@example.com (words)`, `<user@example.com>`: the address in canonical form; empty if there
/// is none.
std::string typed_address(std::string_view value);
/// `dns; mx.example.com [192.0.2.1] (words)`: the host in lower case; empty if there is none.
std::string typed_host(std::string_view value);

}  // namespace suppressd::report
