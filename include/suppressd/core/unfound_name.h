// Which name an MTA could not find in DNS, in its own words: `Name service error for name=example.com
// type=MX: Host not found`.
//
// It tells whose fault that is: the recipient's, where it is his domain or in it; else that of a next hop
// that was configured. Pure, safe from any thread.
#pragma once

#include <string_view>

namespace suppressd {

/// Empty where the text names none. Points into it.
std::string_view unfound_name(std::string_view text);

/// Whether a name that was not found is not the recipient's: it is neither `domain` nor in the same
/// registered domain. False where his domain is not known (empty).
bool is_foreign_name(std::string_view name, std::string_view domain);

}  // namespace suppressd
