#include "origin.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd::report {
namespace {

MailHeader header(const std::string& fields) {
  std::string_view text = fields;
  return MailHeader::take(text);
}

Origin from(const std::string& name, const std::string& path = "") {
  return origin_of(header(path + "From: " + name + "\nSubject: November\n\n"));
}

TEST(OriginOf, a_server_is_known_by_its_own_name) {
  for (const std::string name :
       {"MAILER-DAEMON@mx.example.net", "Mail Delivery System <noreply@mx.example.net>",
        "Postmaster <postmaster@mx.example.net>", "MDaemon at mx.example.net <MDaemon@mx.example.net>",
        "LISTSERV mail handler <LMAIL@lists.example.org>",
        "E5 SMTP Mail Service <E5_SMTP_Mail_Service@mx.example.net>", "Mail Server <daemon@mx.example.net>",
        "<>", "=?utf-8?B?0J/QvtGH0YLQvtCy0LDRjyDRgdC40YHRgtC10LzQsA==?= <noreply@mx.example.ru>"}) {
    EXPECT_EQ(from(name), Origin::mail_system) << name;
  }
}

TEST(OriginOf, a_person_at_a_host_with_such_a_name_is_not_a_server) {
  for (const std::string name :
       {"Anna <anna@smtp.example.net>", "anna@mailserver.example.net", "Anna <anna@mdaemon.example>",
        "anna@mail-gateway.example", "Anna Post <anna@example.net>"}) {
    EXPECT_EQ(from(name), Origin::other) << name;
    EXPECT_EQ(from(name, "Return-Path: <>\n"), Origin::null_sender) << name;
  }
}

TEST(OriginOf, an_answer_to_a_bounce_is_not_a_bounce) {
  for (const std::string prefix : {"Re: ", "RE:", "AW: ", "Antw: ", "SV: ", "Re[2]: ", "回复：", "Odp: "}) {
    const auto mail = header("Return-Path: <>\nFrom: anna@example.net\nSubject: " + prefix +
                             "Undelivered Mail Returned to Sender\n\n");
    EXPECT_EQ(origin_of(mail), Origin::null_sender) << prefix;
    EXPECT_FALSE(has_subject_of_failure(mail)) << prefix;
  }
}

TEST(OriginOf, our_own_subject_after_an_answer_makes_no_mail_system) {
  for (const std::string prefix : {"Auto: ", "Automatic reply: ", "Automatische Antwort: ",
                                   "Réponse automatique : ", "自动答复: ", "自動応答："}) {
    const auto mail = header("Return-Path: <>\nFrom: anna@example.net\nSubject: " + prefix +
                             "Undelivered Mail Returned to Sender\n\n");
    EXPECT_EQ(origin_of(mail), Origin::null_sender) << prefix;
    EXPECT_FALSE(has_subject_of_failure(mail)) << prefix;
  }
  const auto ours = header("Subject: Delivery problem\n\n");
  const auto mail =
      header("Return-Path: <>\nFrom: anna@example.net\nSubject: From Anna, about Delivery problem\n\n");
  EXPECT_EQ(origin_of(mail, &ours), Origin::null_sender);
}

TEST(OriginOf, our_own_subject_after_words_of_failure_makes_no_answer) {
  const auto mail =
      header("Return-Path: <>\nFrom: noreply@example.net\nSubject: Undeliverable: I am on holiday\n\n");
  EXPECT_EQ(origin_of(mail), Origin::mail_system);
  EXPECT_FALSE(has_subject_of_answer(mail));
}

TEST(OriginOf, whoever_got_our_message_is_not_a_mail_system) {
  const auto ours = header("To: anna@example.net\nSubject: November\n\n");
  const auto mail = header("Return-Path: <>\nFrom: Anna <Anna@example.net>\nSubject: Delivery problem\n\n");
  EXPECT_EQ(origin_of(mail, &ours), Origin::other);
  const auto server = header("From: Mail Delivery System <anna@example.net>\nSubject: Delivery problem\n\n");
  EXPECT_EQ(origin_of(server, &ours), Origin::mail_system);
}

TEST(IsAutomaticAnswer, a_mail_system_with_a_null_sender_is_not_an_answering_person) {
  const auto mail = header("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: November\n\n");
  EXPECT_FALSE(is_automatic_answer(mail, origin_of(mail)));
  const auto person = header("Return-Path: <>\nFrom: anna@example.net\nSubject: November\n\n");
  EXPECT_TRUE(is_automatic_answer(person, origin_of(person)));
}

}  // namespace
}  // namespace suppressd::report
