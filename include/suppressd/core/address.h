// Mail addresses and the one form in which they are stored and compared.
//
// Canonical form: lower case, domain as A-labels (IDNA2008, RFC 5891), no source route, no angle brackets, no
// trailing dot of the domain, the local part quoted only where RFC 5321 section 4.1.2 needs it.
// `User@Example.com` and `user@example.com` are one mailbox everywhere that matters to a sender; RFC 5321
// section 2.4 would let them differ. Pure functions, safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"

namespace suppressd {

/// The canonical form of one mailbox. `text` may be what a client typed (`<a@b>`, `a@b`, `<@route:a@b>`),
/// with blanks around it. Errors: empty (the null sender), no `@`, an empty part, a local part over 64 or a
/// domain over 255 octets, control characters, a domain that is neither a host name nor an address literal.
/// The message names the text (cleaned). An address without a domain (`<a>`) is an error here;
/// `default_domain`, if given, is added first.
Result<std::string> canonical_address(std::string_view text, std::string_view default_domain = {});

/// Like canonical_address, into a string whose memory is reused; false, and an empty string: it is not one.
bool make_canonical(std::string_view text, std::string& address);

/// As canonical_address, but also accepts a whole domain, `@example.com`, or all its subdomains, written
/// `@.example.com`.
Result<std::string> canonical_entry(std::string_view text);

/// The canonical form of a domain: lower case, A-labels, no trailing dot. Address literals (`[192.0.2.1]`)
/// stay as they are, in lower case.
Result<std::string> canonical_domain(std::string_view text);

/// The part after the last `@` of a canonical address or entry; of `@.example.com` with the dot.
std::string_view domain_of(std::string_view canonical);

/// Whether an entry's address is `@domain`, or `@.domain`.
inline bool is_whole_domain(std::string_view address) {
  return address.starts_with('@');
}
/// `@domain`, of a canonical address.
std::string_view whole_domain_of(std::string_view canonical);

}  // namespace suppressd
