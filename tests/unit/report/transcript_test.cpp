#include "transcript.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd::report {
namespace {

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

TEST(StageInTranscript, a_reply_that_sendmail_shows_after_a_pipelined_DATA_is_not_a_refused_message) {
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

// Comparing each question with each reply would outlast the time limit of the test.
TEST(Transcript, many_replies_cost_no_square_time) {
  std::string text;
  for (int i = 0; i < 500'000; ++i) text += ">>> DATA\n<<< 550-zz" + std::to_string(i) + "\n";
  const Transcript transcript(text);
  for (int i = 0; i < 500'000; ++i)
    ASSERT_EQ(transcript.stage_of("550 unknown " + std::to_string(i)), Stage::unknown);
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
