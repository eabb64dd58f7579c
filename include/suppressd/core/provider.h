// Names who runs the host that receives an address's mail.
//
// The provider of a mailbox is the registrable domain of `relay=`, or of the address's own domain
// if `relay=none` or if one of our relays is in between. Uses the public suffix list (libpsl's
// built-in copy) and remembers a few hosts per thread. Safe from any thread.
#pragma once

#include <string>
#include <string_view>

namespace suppressd {

/// The registrable domain of a host name in lower case: `mx1.mail.example.co.uk` gives
/// `example.co.uk`. A name that is itself a public suffix, a single label, or an IP address is
/// returned unchanged (in lower case).
std::string registrable_domain(std::string_view host);

/// Whether others can register their domains under this one: `com`, `co.uk`. `domain` is
/// canonical.
bool is_public_suffix(std::string_view domain);

}  // namespace suppressd
