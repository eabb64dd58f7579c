#include "suppressd/base/seal.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

const std::string kKey(kSecretBytes, 'k');

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

TEST(KeyedDigest, agrees_with_rfc_4231) {
  EXPECT_EQ(hex(keyed_digest("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(KeyedDigest, keys_of_two_purposes_differ) {
  EXPECT_NE(derive_key(kKey, "a"), derive_key(kKey, "b"));
  EXPECT_TRUE(same_digest(derive_key(kKey, "a"), derive_key(kKey, "a")));
  EXPECT_FALSE(same_digest(derive_key(kKey, "a"), derive_key(kKey, "b")));
  EXPECT_FALSE(same_digest("abc", "ab"));
}

TEST(Seal, sealed_text_cannot_be_read_and_is_restored) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("anna@example.com"), std::string(1000, '\0')}) {
    const auto sealed = seal(kKey, "message 1", text);
    EXPECT_EQ(unseal(kKey, sealed), text);
    if (text.size() > 4) {
      EXPECT_EQ(sealed.find(text), std::string::npos);
    }
  }
  EXPECT_NE(seal(kKey, "message 1", "anna@example.com"), seal(kKey, "message 2", "anna@example.com"));
  EXPECT_NE(unseal(std::string(kSecretBytes, 'x'), seal(kKey, "", "anna@example.com")), "anna@example.com");
  EXPECT_EQ(unseal(kKey, "too short"), std::nullopt);
}

TEST(Base64Url, agrees_with_rfc_4648_without_padding) {
  const std::pair<std::string, std::string> examples[] = {
      {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xfb\xff\xfe", "-__-"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64url(bytes), text);
    EXPECT_EQ(from_base64url(text), bytes);
  }
}

TEST(Base64Url, other_text_is_refused) {
  for (const char* text : {"Z", "Zg==", "Zm9v Yg", "Zm9+", "\n"})
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
}

TEST(Base64Url, text_of_every_length_is_restored) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64url(base64url(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64Url, no_character_outside_the_alphabet_is_accepted) {
  int taken = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    for (const std::size_t at : {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{7}}) {
      std::string text = "Zm9vZm9v";
      text[at] = c;
      taken += from_base64url(text) ? 1 : 0;
    }
  }
  EXPECT_EQ(taken, 64 * 4);
}

}  // namespace
}  // namespace suppressd
