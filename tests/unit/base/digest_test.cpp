#include "suppressd/base/digest.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(Digest, sha256_agrees_with_the_vectors_of_fips_180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, bytes_after_a_null_count) {
  EXPECT_NE(sha256_hex(std::string_view("a\0b", 3)), sha256_hex(std::string_view("a\0c", 3)));
}

TEST(Digest, short_digest_is_a_prefix_of_the_base32_of_sha256) {
  constexpr std::string_view kAbc =
      "XJ4BNP4PAHH6UQKBIDPF3LRCEOYAGYNDSYLXVHFUCD7WD4QACWW";  // the 51 complete digits
  EXPECT_EQ(short_digest("abc", 51), kAbc);
  for (std::size_t length = 1; length <= 51; ++length)
    EXPECT_EQ(short_digest("abc", length), kAbc.substr(0, length));
}

}  // namespace
}  // namespace suppressd
