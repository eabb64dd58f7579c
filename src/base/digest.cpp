#include "suppressd/base/digest.h"

#include <array>
#include <cstdlib>
#include <tuple>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes) {
  // Fetched once: an implicit fetch costs more than hashing a line.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Sha256 digest{};
  // Fails only if libcrypto has no SHA-256. A wrong digest must not identify anything.
  if (algorithm == nullptr ||
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr) != 1)
    std::abort();
  return digest;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  std::array<char, 2 * std::tuple_size_v<Sha256> + 1> digits{};
  if (OPENSSL_buf2hexstr_ex(digits.data(), digits.size(), nullptr, digest.data(), digest.size(), '\0') != 1)
    std::abort();
  return to_lower(digits.data());
}

// libcrypto has no base 32.
std::string short_digest(std::string_view bytes, std::size_t length) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const auto digest = sha256(bytes);
  std::string text;
  unsigned window = 0;
  unsigned bits = 0;
  for (auto byte = digest.begin(); text.size() < length;) {
    if (bits < 5) {
      if (byte == digest.end()) break;
      window = (window << 8) | *byte++;
      bits += 8;
    }
    bits -= 5;
    text += kDigits[(window >> bits) & 0x1F];
  }
  return text;
}

std::string message_digest(std::string_view message_id) {
  constexpr std::size_t kDigits = 16;
  return message_id.empty() ? std::string{} : short_digest(message_id, kDigits);
}

}  // namespace suppressd
