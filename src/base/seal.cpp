#include "suppressd/base/seal.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "suppressd/base/ascii.h"

namespace suppressd {
namespace {

constexpr std::size_t kInitialBytes = 16;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Counter mode is its own inverse.
std::string counter_mode(std::string_view key, std::string_view initial, std::string_view text) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                EVP_CIPHER_CTX_free);
  std::string result(text.size(), '\0');
  int length = 0;
  // Fails only if memory or AES is missing. Text that is not sealed must not be returned as if it
  // were.
  if (!context ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr, bytes_of(key), bytes_of(initial)) != 1 ||
      EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(result.data()), &length,
                        bytes_of(text), static_cast<int>(text.size())) != 1) {
    std::abort();
  }
  return result;
}

}  // namespace

std::string keyed_digest(std::string_view key, std::string_view bytes) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
           reinterpret_cast<unsigned char*>(digest.data()), &length) == nullptr) {
    std::abort();
  }
  digest.resize(length);
  return digest;
}

std::string derive_key(std::string_view secret, std::string_view purpose) {
  return keyed_digest(secret, purpose);
}

bool same_digest(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string seal(std::string_view key, std::string_view context, std::string_view text) {
  std::string described{context};
  described += '\0';
  described += text;
  const auto initial = keyed_digest(key, described).substr(0, kInitialBytes);
  return initial + counter_mode(key, initial, text);
}

std::optional<std::string> unseal(std::string_view key, std::string_view sealed) {
  if (sealed.size() < kInitialBytes) return std::nullopt;
  return counter_mode(key, sealed.substr(0, kInitialBytes), sealed.substr(kInitialBytes));
}

std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // libcrypto appends a zero byte
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                  static_cast<int>(bytes.size()));
  text.resize((4 * bytes.size() + 2) / 3);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  // libcrypto would skip blanks and stop at some other characters.
  const bool of_alphabet =
      std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
  if (!of_alphabet || text.size() % 4 == 1) return std::nullopt;
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - text.size() % 4) % 4, '=');
  std::string bytes(padded.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(padded),
                      static_cast<int>(padded.size())) < 0) {
    return std::nullopt;
  }
  bytes.resize(text.size() * 3 / 4);
  return bytes;
}

}  // namespace suppressd
