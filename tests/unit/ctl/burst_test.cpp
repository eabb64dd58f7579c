#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

std::string at(int second) {
  char text[40];
  std::snprintf(text, sizeof text, "2026-11-20T10:%02d:%02d+00:00", second / 60, second % 60);
  return text;
}

/// A provider fails: within an hour it answers 5.1.1 for 1,000 of its addresses, and accepts 1,000 other
/// messages.
class Burst : public CtlTest {
 protected:
  void SetUp() override {
    std::string log;
    for (int number = 0; number < 1000; ++number) {
      const auto second = at(number * 3);
      const auto id = std::to_string(100000 + number);
      log += postfix_message(second, "AB" + id, "living" + id + "@example.net", kSent);
      log += postfix_message(second, "CD" + id, "victim" + id + "@example.net", kDead);
    }
    log += postfix_message("2026-11-20T10:55:00+00:00", "EF100000", "dead@example.org", kDead,
                           "mx.example.org[198.51.100.2]:25");
    ran_ = ctl({"replay", write("mail.log", log)});
    ASSERT_EQ(ran_.status, 0);
  }
  Ran ran_;
  std::size_t refused() { return ctl({"--json", "list"}).lines().size(); }
  std::size_t pending() { return ctl({"--json", "list", "--pending"}).lines().size(); }
  Ran undo(bool dry_run) {
    std::vector<std::string> words = {"--json",           "undo",       "--since",
                                      "2026-11-20T10:00", "--until",    "2026-11-20T11:00",
                                      "--provider",       "example.net"};
    if (dry_run) words.push_back("--dry-run");
    return ctl(words);
  }
};

TEST_F(Burst, none_of_its_hour_is_refused_and_all_are_shown) {
  EXPECT_EQ(refused(), 1U);
  EXPECT_EQ(pending(), 1000U);
  EXPECT_TRUE(is_refused("dead@example.org"));
  EXPECT_FALSE(is_refused("victim100000@example.net"));
  EXPECT_FALSE(is_refused("victim100999@example.net"));
}

TEST_F(Burst, the_summary_does_not_count_pending_entries_as_in_force) {
  EXPECT_NE(ran_.out.find("\n1 entry in force, 1000 pending, 0 lifted, dropped or past their time\n"),
            std::string::npos)
      << ran_.out;
}

TEST_F(Burst, an_entry_that_came_and_went_is_counted_once) {
  const auto ran =
      ctl({"--json", "replay",
           write("more.log",
                 postfix_message("2026-11-21T10:00:00+00:00", "XX100000", "brief@example.org", kDead) +
                     postfix_message("2026-11-22T10:00:00+00:00", "XX100001", "brief@example.org", kSent) +
                     postfix_message("2026-11-23T10:00:00+00:00", "XX100002", "brief@example.org", kDead))});
  const auto summary = ran.objects().back();
  EXPECT_EQ(summary["suppressed"], 1);
  EXPECT_EQ(summary["pending"], 0);
  EXPECT_EQ(summary["lifted"], 0);
}

TEST_F(Burst, is_undone_after_a_dry_run_and_can_be_restored) {
  const auto before = ctl({"dump"}).out;
  EXPECT_EQ(undo(true).objects().back()["lifted"], 1000);
  EXPECT_EQ(ctl({"dump"}).out, before);

  const auto done = undo(false).objects().back();
  EXPECT_EQ(done["lifted"], 1000);
  EXPECT_EQ(refused(), 1U);
  EXPECT_EQ(pending(), 0U);
  EXPECT_TRUE(is_refused("dead@example.org"));

  ASSERT_EQ(ctl({"undo", "--revert", std::to_string(done["number"].get<int>())}).status, 0);
  EXPECT_EQ(refused(), 1U);
  EXPECT_EQ(pending(), 1000U);
}

}  // namespace
}  // namespace suppressd::ctl
