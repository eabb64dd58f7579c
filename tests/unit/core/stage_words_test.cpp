#include "suppressd/core/stage_words.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "wording.h"

namespace suppressd {
namespace {

TEST(StageNamed, the_longest_name_that_a_step_begins_with_counts_in_any_case) {
  for (const auto& [name, stage] : {std::pair<std::string, Stage>{"RCPT TO command)", Stage::rcpt},
                                    {"MAIL FROM", Stage::mail},
                                    {"end of DATA command)", Stage::end_of_data},
                                    {"DATA command)", Stage::data},
                                    {"BDAT", Stage::data},
                                    {"initial server greeting", Stage::connect},
                                    {"message body", Stage::data},
                                    {".", Stage::end_of_data},
                                    {"QUIT", Stage::unknown},
                                    {"", Stage::unknown}})
    EXPECT_EQ(stage_named(name), stage) << name;
}

TEST(StageIn, StageIsReadFromTheMtasWords) {
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

TEST(StageIn, WhatTheServerSaysOfACommandIsNoStage) {
  for (const auto* text : {"550 error during database access", "550 need MAIL FROM first",
                           "550 failed after DATA", "535 auth failed", "550 no data"})
    EXPECT_EQ(stage_in(wording_of(text)), Stage::unknown) << text;
}

TEST(StageInProse, a_refused_sender_is_never_a_refused_recipient) {
  for (const std::string text : {
           "host mx.example.net[192.0.2.9] said: 550 5.1.1 User unknown (in reply to MAIL FROM command)",
           "SMTP error from remote mail server after MAIL FROM:<news@sender.example> SIZE=2048:\n550 5.1.1 "
           "User unknown",
           "SMTP error from remote mail server after pipelined MAIL FROM:<news@sender.example>:\n550 5.1.1 "
           "User unknown",
           "SMTP error from remote mailer after MAIL FROM:<news@sender.example>: 550 5.1.1 User unknown",
           "Connected to 192.0.2.9 but sender was rejected.\nRemote host said: 550 5.1.1 User unknown",
           "Remote host said: 550 5.1.1 User unknown\n[MAIL_FROM]",
           "mx.example.net [192.0.2.9] did not like our MAIL FROM:\n550 5.1.1 User unknown",
           "550 5.1.1 User unknown was the answer in response to the MAIL FROM command",
       }) {
    EXPECT_EQ(stage_in_prose(text), Stage::mail) << text;
  }
}

TEST(StageInProse, a_reply_before_any_address_is_about_none) {
  for (const auto& [text, stage] : {
           std::pair<std::string, Stage>{"Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)",
                                         Stage::connect},
           {"Connected to 192.0.2.9 but greeting failed.\nRemote host said: 554 no", Stage::connect},
           {"SMTP error from remote mail server after initial connection:\nhost mx [192.0.2.9]: 554 no",
            Stage::connect},
           {"host mx.example.net[192.0.2.9] refused to talk to me: 554 no", Stage::connect},
           {"conversation with mx.example.net timed out while receiving the initial server greeting",
            Stage::connect},
           {"Connected to 192.0.2.9 but my name was rejected.\nRemote host said: 550 no", Stage::helo},
           {"SMTP error from remote mail server after EHLO out.sender.example:\n550 no", Stage::helo},
           {"Remote host closed connection in response to EHLO", Stage::helo},
           {"lost connection with mx.example.net while performing the HELO handshake", Stage::helo},
           {"said: 554 no (in reply to STARTTLS command)", Stage::tls},
       }) {
    EXPECT_EQ(stage_in_prose(text), stage) << text;
  }
}

TEST(StageInProse, a_refused_message_is_never_a_refused_recipient) {
  for (const std::string text : {
           "said: 550 User unknown (in reply to end of DATA command)",
           "SMTP error from remote mail server after end of data:\nhost mx [192.0.2.9]: 550 User unknown",
           "192.0.2.9 failed after I sent the message.\nRemote host said: 550 User unknown",
           "Remote host said: 550 User unknown\n[BODY]",
       }) {
    EXPECT_EQ(stage_in_prose(text), Stage::end_of_data) << text;
  }
  for (const std::string text : {"said: 550 no (in reply to DATA command)",
                                 "192.0.2.9 failed on DATA command.\nRemote host said: 550 no",
                                 "SMTP error from remote mail server after DATA: 550 no"}) {
    EXPECT_EQ(stage_in_prose(text), Stage::data) << text;
  }
}

TEST(StageInProse, a_refused_recipient_stays_one) {
  for (const std::string text : {
           "said: 550 5.1.1 <a@example.net>: User unknown (in reply to RCPT TO\n    command)",
           "SMTP error from remote mail server after RCPT TO:<a@example.net>:\n550 User unknown",
           "192.0.2.9 does not like recipient.\nRemote host said: 550 User unknown",
           "Remote host said: 550 User unknown [RCPT_TO]",
       }) {
    EXPECT_EQ(stage_in_prose(text), Stage::rcpt) << text;
  }
}

TEST(StageInProse, words_of_the_server_do_not_hide_what_postfix_adds_after_them) {
  EXPECT_EQ(
      stage_in_prose("said: 550 no (in reply to RCPT TO command), go away (in reply to MAIL FROM command)"),
      Stage::mail);
}

TEST(StageInProse, ordinary_words_name_no_step) {
  for (const std::string text :
       {"550 5.1.1 User unknown", "mail from you is not wanted", "we lost your data",
        "authentication required", "the message body is too large", "no connection", "mail data rejected"}) {
    EXPECT_EQ(stage_in_prose(text), Stage::unknown) << text;
  }
}

TEST(StageInProse, everyday_words_are_no_command) {
  for (const std::string text :
       {"an error occurred during mail delivery", "it failed while sending mail to the host",
        "no such user, in response to your mail", "lost while receiving data from the disk",
        "during mail from our customer", "after data was lost"}) {
    EXPECT_EQ(stage_in_prose(text), Stage::unknown) << text;
  }
  EXPECT_EQ(stage_in_prose("timed out while sending MAIL FROM"), Stage::mail);
  EXPECT_EQ(stage_in_prose("lost connection while sending DATA command"), Stage::data);
  EXPECT_EQ(stage_in_prose("550 no, in response to 'MAIL FROM:<a@example.com>' command"), Stage::mail);
  EXPECT_EQ(stage_in_prose("refused after pipelined sending data block"), Stage::data);
}

}  // namespace
}  // namespace suppressd
