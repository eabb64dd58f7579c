#include "stage_words.h"

#include <chrono>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "transcript.h"

namespace suppressd::report {
namespace {

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

TEST(StageInProse, what_was_said_before_any_address_is_about_none) {
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

Stage shown(const std::string& transcript) {
  return stage_in_transcript(transcript, transcript.find("550"));
}

TEST(StageInTranscript, every_way_of_showing_a_command_is_known) {
  for (const std::string mark : {">>> ", "Sent <<< ", "Out: ", "C: ", "Command: ", "hMailServer sent: ",
                                 " Sat 2026-11-21 12:00:00: --> "}) {
    EXPECT_EQ(shown(mark + "MAIL FROM:<news@sender.example>\n550 no\n"), Stage::mail) << mark;
    EXPECT_EQ(shown(mark + "MAIL FROM:<news@sender.example>\n250 ok\n" + mark +
                    "RCPT TO:<a@example.net>\n550 no\n"),
              Stage::rcpt)
        << mark;
  }
}

TEST(StageInTranscript, what_sendmail_shows_after_a_pipelined_DATA_is_not_a_refused_message) {
  EXPECT_EQ(shown(">>> DATA\n<<< 550 5.1.1 User unknown\n550 5.1.1 <a@example.net>... User unknown\n<<< 503 "
                  "5.0.0 Need RCPT\n"),
            Stage::rcpt);
  EXPECT_EQ(shown(">>> DATA\n<<< 550-5.1.1 one\n<<< 550 5.1.1 two\n<<< 503 5.0.0 Need RCPT\n"), Stage::rcpt);
}

TEST(StageInTranscript, a_refused_DATA_stays_one) {
  EXPECT_EQ(shown(">>> DATA\n<<< 550 5.7.1 spam\n"), Stage::data);
  EXPECT_EQ(shown(">>> DATA\n<<< 550-5.7.1 one\n<<< 550 5.7.1 two\n"), Stage::data);
  EXPECT_EQ(shown(">>> DATA\n<<< 550 5.7.1 spam\n>>> QUIT\n<<< 221 bye\n"), Stage::data);
  EXPECT_EQ(shown(">>> DATA\n<<< 550 5.7.1 spam\n... while talking to mx2.example.net.:\n<<< 421 no\n"),
            Stage::data);
}

TEST(StageInTranscript, a_message_that_was_sent_is_past_its_recipients) {
  EXPECT_EQ(shown(">>> DATA\n<<< 354 go ahead\n<<< 550 User unknown\n"), Stage::end_of_data);
  EXPECT_EQ(shown(">>> DATA\n<<< 354 go ahead\n>>> .\n<<< 550 User unknown\n"), Stage::end_of_data);
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

TEST(Transcript, many_replies_cost_no_square_time) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += ">>> DATA\n<<< 550-zz" + std::to_string(i) + "\n";
  const auto begin = std::chrono::steady_clock::now();
  const Transcript transcript(text);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(transcript.stage_of("550 unknown " + std::to_string(i)), Stage::unknown);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(Transcript, each_reply_has_its_command) {
  const Transcript transcript(
      ">>> MAIL FROM:<news@sender.example>\n<<< 550 5.7.1 not you\n>>> DATA\n<<< 550 5.1.1 no user\n<<< 503 "
      "5.0.0 need RCPT\n"
      ">>> DATA\n<<< 354 go\n<<< 554 5.6.0 spam\n");
  EXPECT_EQ(transcript.stage_of("550 5.7.1 not you"), Stage::mail);
  EXPECT_EQ(transcript.stage_of("550 5.1.1 no user"), Stage::rcpt);
  EXPECT_EQ(transcript.stage_of("554 5.6.0 spam"), Stage::end_of_data);
  EXPECT_EQ(transcript.stage_of("550 another"), Stage::unknown);
}

}  // namespace
}  // namespace suppressd::report
