#include "wording.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(Wording, LinesOfOneReplyReadAsOne) {
  EXPECT_EQ(wording_of("550-5.1.1 The account does not 550-5.1.1 exist. Try 550 5.1.1 again"),
            "550 5.1.1 the account does not exist. try again");
  EXPECT_EQ(wording_of("550-no status 550 here"), "550 no status here");
  EXPECT_EQ(wording_of("550 5.1.1 no 550-5 here"), "550 5.1.1 no 550 5 here");
}

TEST(Wording, BlanksAndControlsBecomeOneSpace) {
  EXPECT_EQ(wording_of("  a \t\r\n b\x01\x02 c\x7F "), "a b c");
  EXPECT_EQ(wording_of(""), "");
  EXPECT_EQ(wording_of("\n"), "");
}

TEST(Wording, BytesThatAreNoUtf8ReadAsLatin1) {
  EXPECT_EQ(wording_of("Bo\xEEte pleine"), "boîte pleine");
  EXPECT_EQ(wording_of("Boîte pleine"), "boîte pleine");
  EXPECT_EQ(wording_of("ŁÓDŹ ПОЛОН ΑΒΓ Ÿ"), "łódź полон αβγ Ÿ");
}

TEST(Wording, AddressesAndHostsAreTakenOut) {
  EXPECT_EQ(wording_of("<a.b+c@mail.example.com>: unknown"), "<@>: unknown");
  EXPECT_EQ(wording_of("<\"a b\"@example.com> x"), "<@> x");
  EXPECT_EQ(wording_of("a@[192.0.2.1] x"), "@ x");
  EXPECT_EQ(wording_of("write to a@example.com. Thanks"), "write to @. thanks");
  EXPECT_EQ(wording_of("not allowed...a@example.com"), "not allowed...@");
  EXPECT_EQ(wording_of("host mx.example.com[192.0.2.1]:25 said"), "host [] said");
  EXPECT_EQ(wording_of("banned sender[192.0.2.1]"), "banned sender[]");
  EXPECT_EQ(wording_of("[IPv6:2001:db8::1] x [AB:C1] [abc] ["), "[] x [] [abc] [");
  EXPECT_EQ(wording_of("@ \" @x \"@x"), "@ @") << "a quoted local part";
}

TEST(Wording, NoAlphabetKeepsItsCapitals) {
  EXPECT_EQ(wording_of("ÄÉŁŚŽȚ Ή Ώ ΆΓΝΩΣΤΟ ПОЛУЧАТЕЛЬ Ґ Ё NGƯỜI NHẬN"),
            "äéłśžț ή ώ άγνωστο получатель ґ ё người nhận");
}

}  // namespace
}  // namespace suppressd
