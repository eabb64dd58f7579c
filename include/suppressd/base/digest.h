// SHA-256, through OpenSSL's libcrypto.
//
// For the identity of log streams and for refs. Safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace suppressd {

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits (FIPS 180-4).
std::string sha256_hex(std::string_view bytes);

/// The first `length` (1 to 51) base-32 digits (RFC 4648 alphabet, upper case) of the SHA-256 of
/// `bytes`: short enough to read aloud.
std::string short_digest(std::string_view bytes, std::size_t length);

/// How the database stores a Message-ID, which is given without brackets: 16 base-32 digits; empty
/// if it is empty.
std::string message_digest(std::string_view message_id);

}  // namespace suppressd
