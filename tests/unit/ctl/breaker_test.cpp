#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class BreakerCommand : public CtlTest {
 protected:
  void SetUp() override {
    ctl({"add", "a@b.example"});
    for (const std::string dimension : {"campaign", "sender-domain"})
      sql("INSERT INTO breaker VALUES ('" + dimension +
          "', 'spring', '', 'paused', unixepoch(), unixepoch(), unixepoch() + 3600, 1, 'hard failures 12.0 "
          "%', 1,"
          " NULL, 'suppressd', '')");
  }
  static bool says(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
  }
};

TEST_F(BreakerCommand, list_says_what_is_paused_and_why) {
  const auto listed = ctl({"breaker", "list"});
  EXPECT_EQ(listed.status, 1) << "something is paused";
  EXPECT_TRUE(says(listed.out, "campaign spring")) << listed.out;
  EXPECT_TRUE(says(listed.out, "hard failures 12.0 %")) << listed.out;
  const auto rows = ctl({"--json", "breaker", "list"}).objects();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["state"], "paused");
  EXPECT_EQ(rows[0]["test_messages"], 0);
}

TEST_F(BreakerCommand, resume_is_for_seven_days_and_audited) {
  const auto resumed = ctl({"breaker", "resume", "spring", "--dimension", "campaign", "--note", "cleaned"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_TRUE(says(resumed.out, "campaign spring is not paused until ")) << resumed.out;
  const auto rows = ctl({"--json", "breaker", "list"}).objects();
  EXPECT_EQ(rows[0]["state"], "resumed");
  EXPECT_EQ(rows[0]["note"], "cleaned");
  EXPECT_EQ(rows[1]["state"], "paused");
  EXPECT_EQ(ctl({"breaker", "resume", "spring", "--dimension", "campaign"}).status, 1) << "it is not paused";
  EXPECT_EQ(ctl({"breaker", "resume", "spring", "--for", "2h"}).status, 0);
  EXPECT_EQ(ctl({"breaker", "list"}).status, 0);
  EXPECT_EQ(ctl({"breaker", "resume", "spring", "--for", "forever"}).status, 2);
  EXPECT_EQ(ctl({"breaker", "resume", "spring", "--dimension", "provider"}).status, 2);
  int acts = 0;
  for (const auto& line : ctl({"dump"}).objects())
    acts += line["table"] == "audit" && line["act"] == "breaker-resumed" ? 1 : 0;
  EXPECT_EQ(acts, 2);
}

TEST_F(BreakerCommand, queued_prints_one_queue_id_per_line) {
  for (const std::string row : {"'4XB', 'h', 'postfix', 1, 'a@x', 0, 1, 0, 0, '', '', 'spring', '', '', ''",
                                "'4XA', 'h', 'postfix', 1, 'a@x', 0, 1, 0, 0, '', '', '', 'spring', '', ''",
                                "'4XC', 'h', 'postfix', 1, 'a@x', 0, 1, 0, 0, '', '', 'autumn', '', '', ''"})
    sql("INSERT INTO message VALUES (" + row + ")");
  EXPECT_EQ(ctl({"breaker", "queued", "spring"}).out, "4XA\n4XB\n");
  EXPECT_EQ(ctl({"breaker", "queued", "winter"}).status, 1);
}

}  // namespace
}  // namespace suppressd::ctl
