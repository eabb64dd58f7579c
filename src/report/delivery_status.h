// message/delivery-status (RFC 3464), and what MTAs make of it. Private to this layer.
//
// Groups of fields, parted by blank lines: the first is about the message, each further one about a
// recipient. Both are also read where they stand in the text of a mail that lost its structure. Fields of a
// group about a recipient decide alone.
#pragma once

#include <string_view>

#include "suppressd/report/report.h"

namespace suppressd::report {

/// Adds the recipients in `text` to `report`, and what the first group says of the message. A group without
/// Action counts only where its Status is permanent.
void read_delivery_status(std::string_view text, Report& report);

/// Where groups of such fields begin in a text of something else, behind a blank line; npos: nowhere. A line
/// in the middle of a server's reply begins none.
std::size_t find_delivery_status(std::string_view text);

/// `rfc822; user@example.com (words)`, `<user@example.com>`: the address in canonical form; empty where there
/// is none.
std::string typed_address(std::string_view value);
/// `dns; mx.example.com [192.0.2.1] (words)`: the host in lower case; empty where there is none.
std::string typed_host(std::string_view value);

}  // namespace suppressd::report
