#include "stream_identity.h"

#include <string>

#include <gtest/gtest.h>

#include "suppressd/base/digest.h"

namespace suppressd {
namespace {

TEST(StreamIdentity, has_no_hash_before_the_first_line_is_complete) {
  EXPECT_EQ(first_line_hash(""), "");
  EXPECT_EQ(first_line_hash("Nov 21 10:00:00 mx postfix/smtp[1]: AB"), "");
}

TEST(StreamIdentity, does_not_change_when_the_stream_grows) {
  EXPECT_EQ(first_line_hash("one\n"), sha256_hex("one"));
  EXPECT_EQ(first_line_hash("one\ntwo\n"), sha256_hex("one"));
  EXPECT_EQ(first_line_hash("\ntwo\n"), sha256_hex(""));
}

TEST(StreamIdentity, does_not_change_when_an_endless_first_line_grows) {
  const std::string half(kFirstLineLimit - 1, 'x');
  EXPECT_EQ(first_line_hash(half), "");
  EXPECT_NE(first_line_hash(half + "x"), "");
  EXPECT_EQ(first_line_hash(half + "x"), first_line_hash(half + "xxxxx\nmore\n"));
}

TEST(StreamIdentity, digests_the_window_only) {
  EXPECT_EQ(window_digest(""), sha256_hex(""));
  const std::string window(4096, 'w');
  EXPECT_EQ(window_digest("before" + window), sha256_hex(window));
}

}  // namespace
}  // namespace suppressd
