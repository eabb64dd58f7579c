// What servers say, without what differs from one recipient to the next: to count replies that mean the same.
//
// Addresses become `{address}`, IP addresses `{ip}`, host names `{host}` (not that of a link), identifiers of
// letters and digits `{id}`, times and numbers of five digits or more `{number}`; blanks become one space.
// Codes, statuses and the names of error codes (`S3150`, `OU-001`) stay. Pure function, safe from any thread;
// linear in the text.
#pragma once

#include <string>
#include <string_view>

namespace suppressd {

/// `text` was cleaned (clean()).
std::string normal_text(std::string_view text);

}  // namespace suppressd
