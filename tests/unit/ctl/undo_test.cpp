#include <chrono>

#include "suppressd/base/time.h"

#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

/// A bad hour on 1 November at example.net, a real death the day before, and one at another provider.
class Undo : public CtlTest {
 protected:
  void SetUp() override {
    ctl({"replay",
         write("mail.log",
               postfix_message("2026-10-31T10:00:00+00:00", "AAAAAA1", "before@example.net", kDead) +
                   postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA2", "one@example.net", kDead) +
                   postfix_message("2026-11-01T10:10:00+00:00", "AAAAAA3", "two@example.net", kDead) +
                   postfix_message("2026-11-01T10:20:00+00:00", "AAAAAA4", "other@example.org", kDead,
                                   "mx.example.org[192.0.2.2]:25"))});
    ctl({"add", "hand@example.net"});
  }
  Ran undo(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"--json", "undo"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ctl(arguments);
  }
  const std::vector<std::string> hour_ = {"--since",          "2026-11-01T10:00", "--until",
                                          "2026-11-01T11:00", "--provider",       "example.net"};
};

TEST_F(Undo, lifts_the_hour_of_the_provider_and_nothing_else) {
  ASSERT_TRUE(is_refused("one@example.net"));
  const auto ran = undo(hour_);
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.objects().back()["lifted"], 2);
  EXPECT_FALSE(is_refused("one@example.net"));
  EXPECT_FALSE(is_refused("two@example.net"));
  EXPECT_TRUE(is_refused("before@example.net"));
  EXPECT_TRUE(is_refused("other@example.org"));
  EXPECT_TRUE(is_refused("hand@example.net"));
}

TEST_F(Undo, a_dry_run_shows_the_same_and_changes_nothing) {
  auto dry = hour_;
  dry.push_back("--dry-run");
  const auto before = ctl({"dump"}).out;
  const auto ran = undo(dry);
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.objects().back()["lifted"], 2);
  EXPECT_TRUE(ran.objects().back()["number"].is_null());
  EXPECT_EQ(ctl({"dump"}).out, before);
}

TEST_F(Undo, can_itself_be_undone) {
  const auto number = undo(hour_).objects().back()["number"].get<int>();
  EXPECT_GT(number, 0);
  const auto reverted = undo({"--revert", std::to_string(number)});
  ASSERT_EQ(reverted.status, 0) << reverted.err;
  EXPECT_EQ(reverted.objects().back()["restored"], 2);
  EXPECT_TRUE(is_refused("one@example.net"));
  EXPECT_TRUE(is_refused("two@example.net"));
}

TEST_F(Undo, people_are_told_the_number_of_the_act) {
  const auto ran = ctl({"undo", "--since", "2026-11-01", "--until", "2026-11-02"});
  EXPECT_NE(ran.out.find("suppressctl undo --revert "), std::string::npos) << ran.out;
}

TEST_F(Undo, without_a_time_is_refused) {
  const auto ran = undo({"--provider", "example.net"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("--since"), std::string::npos) << ran.err;
}

TEST_F(Undo, revert_takes_no_filter_and_needs_a_known_number) {
  EXPECT_EQ(undo({"--revert", "1", "--since", "2026-11-01"}).status, 2);
  EXPECT_EQ(undo({"--revert", "0"}).status, 2);
  const auto unknown = undo({"--revert", "999"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.err.find("number 999"), std::string::npos) << unknown.err;
}

TEST_F(Undo, takes_back_a_lift_of_learned_entries_and_of_those_by_hand) {
  const auto lifted = ctl({"--json", "lift", "one@example.net", "hand@example.net"}).objects();
  ASSERT_EQ(lifted.size(), 2U);
  EXPECT_EQ(lifted[0]["number"], lifted[1]["number"]) << "one act for all addresses of a command";
  EXPECT_FALSE(is_refused("one@example.net"));
  EXPECT_FALSE(is_refused("hand@example.net"));
  const auto number = lifted[0]["number"].get<int>();
  const auto story = ctl({"--json", "show", "one@example.net"}).objects().at(0);
  EXPECT_TRUE(story["entries"].empty()) << "the audit tells of what was lifted";
  EXPECT_EQ(story["audit"].back()["act"], "lifted");
  EXPECT_EQ(story["audit"].back()["number"], number);
  const auto reverted = undo({"--revert", std::to_string(number)});
  EXPECT_EQ(reverted.objects().back()["restored"], 2) << reverted.out;
  EXPECT_TRUE(is_refused("one@example.net"));
  EXPECT_TRUE(is_refused("hand@example.net"));
  EXPECT_EQ(ctl({"--json", "show", "one@example.net"}).objects().at(0)["entries"].at(0)["since"],
            "2026-11-01T10:00:00Z");
}

// Lifts and confirmations with sqlite3: each row has an act of its own, whose number `show` prints.
class UndoOfShell : public CtlTest {
 protected:
  void SetUp() override { ctl({"add", "other@example.net"}); }
  void learn(const std::string& log) { ctl({"replay", write("mail.log", log)}); }
  static std::string full(int day) {
    const auto number = std::to_string(10 + day);
    return postfix_message("2026-11-" + number + "T10:00:00+00:00", "CCCCC" + number, "a@example.net", kFull);
  }
  nlohmann::json story() { return ctl({"--json", "show", "a@example.net"}).objects().at(0); }
  /// `hard active` and so on.
  std::string entries() {
    const nlohmann::json rows = story()["entries"];
    std::string text;
    for (const auto& entry : rows)
      text += (text.empty() ? "" : ", ") + entry["kind"].get<std::string>() + " " +
              entry["state"].get<std::string>();
    return text;
  }
  int number() { return story()["audit"].back()["number"].get<int>(); }
  nlohmann::json revert(int number) {
    return ctl({"--json", "undo", "--revert", std::to_string(number)}).objects().back();
  }
};

TEST_F(UndoOfShell, a_soft_entry_lifted_beside_a_hard_one_comes_back_and_the_hard_one_never_went) {
  learn(postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "a@example.net", kDead) +
        postfix_message("2026-11-02T10:00:00+00:00", "AAAAAA2", "a@example.net", kSent) + full(0) + full(1) +
        full(2));
  ASSERT_EQ(entries(), "hard suspended, soft active");
  sql("DELETE FROM suppression WHERE kind = 'soft'");
  EXPECT_EQ(entries(), "hard suspended");
  EXPECT_NE(ctl({"show", "a@example.net"}).out.find("(act " + std::to_string(number()) + ")"),
            std::string::npos);
  ctl({"replay", write("more.log", full(3))});
  EXPECT_EQ(entries(), "hard suspended") << "also after the next fold";
  EXPECT_EQ(story()["streak"], 0) << "the lift is younger than the log";
  EXPECT_EQ(revert(number())["restored"], 1);
  EXPECT_EQ(entries(), "hard suspended, soft active");
  EXPECT_TRUE(is_refused("a@example.net"));
}

TEST_F(UndoOfShell, each_of_two_rows_of_one_update_has_its_own_way_back) {
  learn(postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "a@example.net", kDead));
  sql("INSERT INTO suppression(address, kind, category) VALUES ('a@example.net', 'complaint', 'complaint')");
  sql("UPDATE suppression SET until = unixepoch()");
  EXPECT_FALSE(is_refused("a@example.net"));
  const auto audit = story()["audit"];
  ASSERT_EQ(audit.size(), 4U);
  for (const auto& change : {audit.at(2), audit.at(3)}) {
    EXPECT_EQ(change["act"], "lifted");
    EXPECT_EQ(revert(change["number"])["restored"], 1) << change;
  }
  EXPECT_EQ(entries(), "complaint active, hard active");
}

TEST_F(UndoOfShell, a_learned_row_by_hand_that_is_gone_comes_back) {
  sql("INSERT INTO suppression(address, kind, note) VALUES ('a@example.net', 'hard', 'mine')");
  sql("DELETE FROM suppression");
  ASSERT_EQ(revert(number())["restored"], 1);
  EXPECT_EQ(story()["entries"].at(0)["note"], "mine");
  const auto lifted = ctl({"--json", "lift", "a@example.net"}).objects().at(0)["number"].get<int>();
  EXPECT_EQ(entries(), "");
  EXPECT_EQ(revert(lifted)["restored"], 1);
  EXPECT_EQ(story()["entries"].at(0)["note"], "mine");
}

// A revert makes one act as if it had never been, and no other.
TEST_F(UndoOfShell, an_entry_that_a_later_lift_ended_does_not_come_back_with_the_earlier_one) {
  const auto lift = [&] {
    ctl({"add", "a@example.net"});
    return ctl({"--json", "lift", "a@example.net"}).objects().at(0)["number"].get<int>();
  };
  const auto first = lift();
  const auto second = lift();
  EXPECT_EQ(revert(first)["restored"], 0);
  EXPECT_FALSE(is_refused("a@example.net"));
  EXPECT_EQ(revert(second)["restored"], 1);
  EXPECT_TRUE(is_refused("a@example.net"));
}

TEST_F(UndoOfShell, a_row_by_hand_does_not_come_back_after_a_delivery) {
  sql("INSERT INTO suppression(address, kind, since) VALUES ('a@example.net', 'hard', 1793000000)");
  const auto lifted = ctl({"--json", "lift", "a@example.net"}).objects().at(0)["number"].get<int>();
  learn(postfix_message("2026-11-02T10:00:00+00:00", "AAAAAA2", "a@example.net", kSent));
  EXPECT_EQ(revert(lifted)["restored"], 0);
  EXPECT_EQ(entries(), "");
}

TEST_F(UndoOfShell, a_confirmed_row_by_hand_is_pending_again) {
  sql("INSERT INTO suppression(address, kind, state) VALUES ('a@example.net', 'hard', 'pending')");
  const auto confirmed = ctl({"--json", "confirm", "a@example.net"}).objects().at(0)["number"].get<int>();
  ASSERT_TRUE(is_refused("a@example.net"));
  EXPECT_EQ(revert(confirmed)["restored"], 1);
  EXPECT_EQ(entries(), "hard pending");
  sql("UPDATE suppression SET state = 'active'");
  EXPECT_EQ(revert(number())["restored"], 1);
  EXPECT_EQ(entries(), "hard pending");
}

TEST_F(Undo, of_a_lift_keeps_what_was_learned_since) {
  const auto number = ctl({"--json", "lift", "one@example.net"}).objects().at(0)["number"].get<int>();
  ctl({"replay",
       write("more.log", postfix_message("2026-11-05T10:00:00+00:00", "DDDDDD1", "one@example.net", kSent))});
  undo({"--revert", std::to_string(number)});
  const auto entries = ctl({"--json", "show", "one@example.net"}).objects().at(0)["entries"];
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries.at(0)["state"], "suspended");
  EXPECT_FALSE(is_refused("one@example.net"));
}

TEST_F(Undo, lifts_nothing_when_a_filter_is_an_unset_variable) {
  const auto before = ctl({"dump"}).out;
  for (const char* filter : {"--provider", "--provider", "--category", "--rule", "--until"}) {
    for (const auto& value : {std::vector<std::string>{filter, ""}, {std::string(filter) + "="}}) {
      std::vector<std::string> arguments = {"--since", "2026-11-01"};
      arguments.insert(arguments.end(), value.begin(), value.end());
      EXPECT_EQ(undo(arguments).status, 2) << filter;
    }
  }
  EXPECT_EQ(ctl({"dump"}).out, before);
}

TEST_F(Undo, the_former_name_of_the_provider_is_still_accepted) {
  const auto ran = undo({"--since", "2026-11-01", "--provider", "example.net", "--dry-run"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.objects().back()["lifted"], 2);
}

TEST_F(Undo, of_a_quiet_time_lifts_nothing_and_can_be_taken_back) {
  const auto before = ctl({"list"}).out;
  const auto ran = undo({"--since", "2020-01-01", "--until", "2020-01-02"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.objects().back()["lifted"], 0);
  EXPECT_EQ(ctl({"list"}).out, before);
  const auto number = std::to_string(ran.objects().back()["number"].get<int>());
  EXPECT_EQ(undo({"--revert", number}).objects().back()["restored"], 0);
  EXPECT_TRUE(undo({"--revert", number}).objects().back()["number"].is_null());
}

TEST_F(Undo, takes_out_failures_of_its_hours_that_are_read_later) {
  const auto number = undo({"--since", "2026-10-01", "--until", "2026-10-02"}).objects().back()["number"];
  const auto late = postfix_message("2026-10-01T10:00:00+00:00", "BBBBBB1", "late@example.net", kDead) +
                    postfix_message("2026-10-03T10:00:00+00:00", "BBBBBB2", "later@example.net", kDead);
  ctl({"replay", write("late.log", late)});
  EXPECT_FALSE(is_refused("late@example.net"));
  EXPECT_TRUE(is_refused("later@example.net"));
  undo({"--revert", std::to_string(number.get<int>())});
  EXPECT_TRUE(is_refused("late@example.net"));
}

TEST_F(Undo, and_a_lift_reach_failures_of_a_clock_that_is_ahead) {
  const auto ahead =
      std::chrono::floor<Duration>(std::chrono::system_clock::now()) + std::chrono::minutes(30);
  auto time = format_time(ahead);
  time.replace(time.size() - 1, 1, "+00:00");
  ctl({"replay", write("ahead.log", postfix_message(time, "EEEEEE1", "ahead1@example.net", kDead) +
                                        postfix_message(time, "EEEEEE2", "ahead2@example.net", kDead))});
  ASSERT_TRUE(is_refused("ahead1@example.net"));
  EXPECT_EQ(ctl({"lift", "ahead1@example.net"}).status, 0);
  EXPECT_FALSE(is_refused("ahead1@example.net"));
  const auto until = format_time(ahead + std::chrono::hours(1));
  EXPECT_EQ(undo({"--since", "2h", "--until", until}).objects().back()["lifted"], 1);
  EXPECT_FALSE(is_refused("ahead2@example.net"));
}

TEST_F(Undo, takes_out_the_failures_of_a_streak_that_has_not_become_an_entry) {
  std::string log;
  for (int day = 1; day <= 3; ++day)
    log += postfix_message("2026-11-0" + std::to_string(day) + "T12:00:00+00:00",
                           "CCCCCC" + std::to_string(day), "full@example.net", kFull);
  const auto end = log.find("2026-11-03");
  ctl({"replay", write("full.log", log.substr(0, end))});
  ASSERT_EQ(ctl({"--json", "show", "full@example.net"}).objects().at(0)["streak"], 2);
  undo({"--since", "2026-11-02", "--until", "2026-11-03"});
  EXPECT_EQ(ctl({"--json", "show", "full@example.net"}).objects().at(0)["streak"], 1);
  ctl({"replay", write("full.log", log)});
  EXPECT_EQ(ctl({"--json", "show", "full@example.net"}).objects().at(0)["streak"], 2);
  EXPECT_EQ(ctl({"--json", "list", "--kind", "soft"}).lines().size(), 0U);
}

TEST_F(Undo, of_a_campaign_needs_no_hours_and_lifts_nothing_else) {
  sql("UPDATE evidence SET campaign = 'summer', account = 'shop' WHERE address LIKE 'two@%'");
  sql("UPDATE evidence SET campaign = 'summer' WHERE address LIKE 'other@%'");
  const auto ran = undo({"--campaign", "summer", "--account", "shop"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.objects().back()["lifted"], 1);
  EXPECT_FALSE(is_refused("two@example.net"));
  EXPECT_TRUE(is_refused("other@example.org"));
  EXPECT_EQ(undo({"--campaign", "winter"}).objects().back()["lifted"], 0);
  const auto number = std::to_string(ran.objects().back()["number"].get<int>());
  EXPECT_EQ(undo({"--revert", number}).objects().back()["restored"], 1);
  EXPECT_TRUE(is_refused("two@example.net"));
  EXPECT_EQ(undo({"--account", " "}).status, 2);
  EXPECT_EQ(undo({}).status, 2);
}

TEST_F(Undo, lost_names_message_id_and_tags) {
  sql("UPDATE evidence SET campaign = 'summer', contact = 'c7' WHERE address LIKE 'two@%'");
  sql("UPDATE evidence SET message_id = '1@shop.example' WHERE address LIKE 'two@%'");
  const auto ran = ctl({"undo", "--lost", "--campaign", "summer"});
  EXPECT_NE(ran.out.find("to=<two@example.net>  bad-mailbox  message-id=<1@shop.example>  campaign=summer  "
                         "contact=c7\n"),
            std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("1 send failed"), std::string::npos) << ran.out;
  const auto json = undo({"--lost", "--campaign", "summer"}).objects().at(0);
  EXPECT_EQ(json["message_id"], "1@shop.example");
  EXPECT_EQ(json["campaign"], "summer");
}

}  // namespace
}  // namespace suppressd::ctl
