// Secrets at work: a keyed digest (HMAC), an encryption of short texts, and the alphabet in which both stand
// in a mail header.
//
// Through OpenSSL's libcrypto. Pure: the same input gives the same output; randomness (a new key) comes in
// from the caller. Safe from any thread. Keys are 32 bytes and are used for one purpose each: derive_key()
// makes one for a purpose from a secret.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace suppressd {

inline constexpr std::size_t kSecretBytes = 32;

/// HMAC-SHA-256 (RFC 2104): 32 bytes.
std::string keyed_digest(std::string_view key, std::string_view bytes);
std::string derive_key(std::string_view secret, std::string_view purpose);
/// Whether two digests are equal, in a time that does not tell where they differ.
bool same_digest(std::string_view a, std::string_view b);

/// AES-256 in counter mode under an initial value that derives from key, `context` and text, and stands in
/// front (16 bytes): equal texts of one context look alike, nothing else does. Not authenticated: whoever
/// sends it signs it.
std::string seal(std::string_view key, std::string_view context, std::string_view text);
/// nullopt: too short to be sealed text.
std::optional<std::string> unseal(std::string_view key, std::string_view sealed);

/// RFC 4648 section 5, without padding.
std::string base64url(std::string_view bytes);
/// nullopt: a character that is none of the alphabet, or a length that none has.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace suppressd
