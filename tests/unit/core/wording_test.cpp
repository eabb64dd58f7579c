#include "suppressd/core/wording.h"

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

TEST(Wording, StageIsReadFromTheMtasWords) {
  EXPECT_EQ(stage_in(wording_of("x (in reply to end of DATA command)")), Stage::end_of_data);
  EXPECT_EQ(stage_in(wording_of(
                "SMTP error from remote mail server after MAIL FROM:<a@example.com> SIZE=1: host x: 550 no")),
            Stage::mail);
  EXPECT_EQ(stage_in(wording_of(
                "SMTP error from remote server for TEXT command, host: mx.example.com reason: 550 no")),
            Stage::data);
  EXPECT_EQ(stage_in(wording_of("RCPT TO generated following response: 550 no")), Stage::unknown)
      << "no introduction that is known";
  EXPECT_EQ(stage_in(wording_of("Connected to 192.0.2.1 but my name was rejected. Remote host said: 501 no")),
            Stage::helo);
  EXPECT_EQ(stage_in(wording_of("Connected to 192.0.2.1 but greeting failed. Remote host said: 554 no")),
            Stage::connect);
  EXPECT_EQ(
      stage_in(wording_of("... while talking to mx.example.com: >>> MAIL From:<a@example.com> <<< 550 no")),
      Stage::mail);
  EXPECT_EQ(stage_in(wording_of("[RCPT TO] 550 no")), Stage::rcpt);
  EXPECT_EQ(stage_in(wording_of("550 no, in response to the RCPT TO command")), Stage::rcpt);
  EXPECT_EQ(stage_in(wording_of("550 no (reply to BDAT command)")), Stage::data);
  EXPECT_EQ(stage_in(wording_of("user unknown")), Stage::unknown);
}

TEST(Wording, NoAlphabetKeepsItsCapitals) {
  EXPECT_EQ(wording_of("ÄÉŁŚŽȚ Ή Ώ ΆΓΝΩΣΤΟ ПОЛУЧАТЕЛЬ Ґ Ё NGƯỜI NHẬN"),
            "äéłśžț ή ώ άγνωστο получатель ґ ё người nhận");
}

TEST(Wording, WhatTheServerSaysOfACommandIsNoStage) {
  for (const auto* text : {"550 error during database access", "550 need MAIL FROM first",
                           "550 failed after DATA", "535 auth failed", "550 no data"})
    EXPECT_EQ(stage_in(wording_of(text)), Stage::unknown) << text;
}

}  // namespace
}  // namespace suppressd
