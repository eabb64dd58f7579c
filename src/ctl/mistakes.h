// What people type, paste or export instead of an address.
//
// Much of it has a canonical form to which no mail will ever be sent: `mailto:x@b.example`,
// `x@b.example,y@c.example`, `@com`. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace suppressd::ctl {

/// The addresses that a person would see in `text`, in canonical form: without brackets, quotes, a
/// link's scheme, punctuation around them.
std::vector<std::string> addresses_in(std::string_view text);

/// Why `typed` is probably not meant to be the address or domain `entry`, its canonical form;
/// empty: it probably is.
std::string likely_mistake(std::string_view typed, std::string_view entry);

/// `did you mean x@b.example?` for another address in `text`, a hint on several addresses or on a
/// domain, or nothing. `text` may be canonical.
std::string advice_on(std::string_view text);
/// The same, to be appended to a message: `; did you mean ...`.
std::string advice_after(std::string_view text);

}  // namespace suppressd::ctl
