// Cryptography with secrets: a keyed digest (HMAC), encryption of short texts, and the alphabet in
// which a mail header carries both.
//
// Uses OpenSSL's libcrypto. Pure: equal input gives equal output; the caller provides randomness (a
// new key). Safe from any thread. A key has 32 bytes and one purpose: derive_key() derives it from
// a secret.
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
/// Whether two digests are equal. The time it takes does not depend on where they differ.
bool same_digest(std::string_view a, std::string_view b);

/// AES-256 in counter mode. The result begins with the initial value (16 bytes), which is derived
/// from the key, `context` and `text`: only equal texts with equal contexts give equal results. Not
/// authenticated: the caller signs what it sends.
std::string seal(std::string_view key, std::string_view context, std::string_view text);
/// nullopt: too short to be sealed text.
std::optional<std::string> unseal(std::string_view key, std::string_view sealed);

/// RFC 4648 section 5, without padding.
std::string base64url(std::string_view bytes);
/// nullopt: a character outside the alphabet, or an impossible length.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace suppressd
