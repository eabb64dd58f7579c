#include <sys/stat.h>
#include <unistd.h>

#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class ByHand : public CtlTest {};

TEST_F(ByHand, an_added_address_is_refused_and_a_lifted_one_is_accepted) {
  EXPECT_EQ(ctl({"add", "User@Example.COM", "--note", "asked by phone"}).status, 0);
  const auto refused = ctl({"check", "user@example.com"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.out.find("550 5.7.1 recipient suppressed: manual since "), std::string::npos)
      << refused.out;
  EXPECT_EQ(ctl({"lift", "user@example.com"}).status, 0);
  EXPECT_EQ(ctl({"check", "user@example.com"}).status, 0);
}

TEST_F(ByHand, check_answers_in_json) {
  ctl({"add", "a@b.example", "--kind", "complaint"});
  const auto refused = ctl({"--json", "check", "a@b.example"});
  ASSERT_EQ(refused.objects().size(), 1U);
  const auto object = refused.objects()[0];
  EXPECT_EQ(object["address"], "a@b.example");
  EXPECT_EQ(object["suppressed"], true);
  EXPECT_EQ(object["entry"]["kind"], "complaint");
  EXPECT_TRUE(object["entry"]["until"].is_null());
  const auto accepted = ctl({"check", "c@b.example", "--json"}).objects();
  EXPECT_EQ(accepted.at(0)["suppressed"], false);
  EXPECT_TRUE(accepted.at(0)["entry"].is_null());
}

TEST_F(ByHand, a_complaint_that_ends_is_not_called_added_if_a_learned_one_lasts_longer) {
  ctl({"add", "other@b.example"});
  sql("INSERT INTO evidence(address, at, what, origin, host, instance, queue_id, entered, sender, attempts, "
      "ended_by, category, action, rule, code, status, stage, provider, relay, text) VALUES ('a@b.example', "
      "1793000000, 'complaint', 'report', '', '', '4X', 1793000000, '', 0, '', 'complaint', 'complaint', '', "
      "0, '', '', '', '', ''); INSERT INTO recipient(address, events) VALUES ('a@b.example', 1)");
  const auto ran = ctl({"add", "a@b.example", "--kind", "complaint", "--for", "1d"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "a@b.example: a complaint that was learned lasts longer, permanent\n");
  EXPECT_TRUE(ctl({"--json", "check", "a@b.example"}).objects().at(0)["entry"]["until"].is_null());
}

TEST_F(ByHand, a_missing_database_is_made_with_mode_0640_and_the_folders_group) {
  ASSERT_EQ(ctl({"add", "a@b.example"}).status, 0);
  struct stat file {};
  struct stat folder {};
  ASSERT_EQ(stat(path("test.db").c_str(), &file), 0);
  ASSERT_EQ(stat(path("").c_str(), &folder), 0);
  EXPECT_EQ(file.st_mode & 07777, 0640U);
  EXPECT_EQ(file.st_gid, folder.st_gid);
}

TEST_F(ByHand, root_makes_the_database_for_the_owner_of_its_folder) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(path("").c_str(), 65534, 65534), 0);
  ASSERT_EQ(ctl({"add", "a@b.example"}).status, 0);
  struct stat file {};
  ASSERT_EQ(stat(path("test.db").c_str(), &file), 0);
  EXPECT_EQ(file.st_uid, 65534U);
  EXPECT_EQ(file.st_gid, 65534U);
}

TEST_F(ByHand, an_invalid_address_changes_nothing_and_makes_no_database) {
  const auto ran = ctl({"add", "good@example.com", "no address"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("no address"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
}

TEST_F(ByHand, check_of_an_invalid_address_is_an_error_and_not_an_acceptance) {
  ctl({"add", "a@b.example"});
  for (const char* wrong : {"postmaster", "", "a@", "@b.example", "a@b..example"}) {
    const auto ran = ctl({"check", wrong});
    EXPECT_EQ(ran.status, 2) << wrong;
    EXPECT_NE(ran.err, "") << wrong;
  }
}

TEST_F(ByHand, an_entry_for_a_time_ends) {
  EXPECT_EQ(ctl({"add", "a@b.example", "--for", "30d"}).status, 0);
  EXPECT_TRUE(is_refused("a@b.example"));
  EXPECT_FALSE(ctl({"--json", "list"}).objects().at(0)["until"].is_null());
  sql("UPDATE suppression SET since = 1000, until = 2000 WHERE address = 'a@b.example'");
  const auto ran = ctl({"check", "a@b.example"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.out.find("ended"), std::string::npos) << ran.out;
}

TEST_F(ByHand, impossible_ends_and_kinds_are_refused) {
  EXPECT_EQ(ctl({"add", "a@b.example", "--for", "soon"}).status, 2);
  EXPECT_EQ(ctl({"add", "a@b.example", "--for", "0s"}).status, 2);
  EXPECT_EQ(ctl({"add", "a@b.example", "--until", "2001-01-01"}).status, 2);
  EXPECT_EQ(ctl({"add", "a@b.example", "--for", "30d", "--until", "2090-01-01"}).status, 2);
  EXPECT_EQ(ctl({"add", "a@b.example", "--kind", "hard"}).status, 2);
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
}

TEST_F(ByHand, a_domain_entry_refuses_its_addresses_and_lift_of_one_says_so) {
  EXPECT_EQ(ctl({"add", "@Example.com"}).status, 0);
  const auto refused = ctl({"check", "any@example.com"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.out.find("@example.com"), std::string::npos) << refused.out;
  const auto lifted = ctl({"lift", "any@example.com"});
  EXPECT_EQ(lifted.status, 1);
  EXPECT_NE(lifted.out.find("still refused by the entry @example.com"), std::string::npos) << lifted.out;
  EXPECT_EQ(ctl({"lift", "@example.com"}).status, 0);
  EXPECT_FALSE(is_refused("any@example.com"));
}

TEST_F(ByHand, lifting_nothing_exits_1) {
  ctl({"add", "a@b.example"});
  EXPECT_EQ(ctl({"lift", "other@b.example"}).status, 1);
  EXPECT_TRUE(is_refused("a@b.example"));
}

TEST_F(ByHand, exempt_addresses_and_domains_are_accepted_until_removed) {
  ctl({"add", "a@b.example", "c@d.example"});
  EXPECT_EQ(ctl({"exempt", "add", "a@b.example", "@d.example", "--note", "the boss"}).status, 0);
  EXPECT_FALSE(is_refused("a@b.example"));
  EXPECT_FALSE(is_refused("c@d.example"));
  const auto listed = ctl({"exempt", "list", "--json"}).objects();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0]["note"], "the boss");
  EXPECT_EQ(ctl({"exempt", "remove", "a@b.example"}).status, 0);
  EXPECT_TRUE(is_refused("a@b.example"));
  EXPECT_EQ(ctl({"exempt", "remove", "a@b.example"}).status, 1);
}

TEST_F(ByHand, addresses_come_from_a_file_and_from_standard_input) {
  const auto file =
      write("addresses", "# left the company\n\none@example.com\r\n  Two@example.com  \none@example.com\n");
  EXPECT_EQ(ctl({"add", "--file", file}).status, 0);
  EXPECT_EQ(ctl({"add", "-"}, "three@example.com\n").status, 0);
  EXPECT_EQ(ctl({"--json", "list"}).lines().size(), 3U);
  const auto wrong = ctl({"add", "--file", write("wrong", "fine@example.com\nnot fine\n")});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_NE(wrong.err.find("wrong:2: "), std::string::npos) << wrong.err;
  EXPECT_FALSE(is_refused("fine@example.com"));
}

TEST_F(ByHand, likely_mistakes_are_not_stored_unless_as_is_is_given) {
  const std::vector<std::pair<std::string, std::string>> mistakes = {
      {"mailto:x@b.example", "did you mean x@b.example?"},
      {"x@b.example,y@c.example", "give each address separately"},
      {"a@b.example;c@d.example", "give each address separately"},
      {"user@@b.example", "did you mean user@b.example?"},
      {"@com", "com is a public suffix"},
      {"*@b.example", "a whole domain is written @b.example"},
      {"'x@b.example", "did you mean x@b.example?"},
      {"a b@c.example", "did you mean b@c.example?"},
      {"a..b@c.example", "as it is, it means \"a..b\"@c.example"},
      {"x\xC2\xA0@b.example", "an invisible character, U+00A0"},
  };
  for (const auto& [typed, hint] : mistakes) {
    for (const auto& command : {std::vector<std::string>{"add", typed}, {"exempt", "add", typed}}) {
      const auto ran = ctl(command);
      EXPECT_EQ(ran.status, 2) << typed;
      EXPECT_NE(ran.err.find(hint), std::string::npos) << ran.err;
      EXPECT_NE(ran.err.find("(--as-is accepts it)"), std::string::npos) << ran.err;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
  for (const auto& [typed, hint] : mistakes) EXPECT_EQ(ctl({"add", "--as-is", typed}).status, 0) << typed;
  EXPECT_EQ(ctl({"list", "--json"}).lines().size(), mistakes.size());
}

TEST_F(ByHand, an_odd_address_that_is_listed_can_be_lifted_as_it_was_typed) {
  for (const char* odd : {"mailto:x@b.example", "a..b@c.example", "@com", "x@b.example,y@c.example"}) {
    ASSERT_EQ(ctl({"add", "--as-is", odd}).status, 0);
    const auto lifted = ctl({"lift", odd});
    EXPECT_EQ(lifted.status, 0) << lifted.out << lifted.err;
  }
  EXPECT_EQ(ctl({"list", "--json"}).lines().size(), 0U);
}

TEST_F(ByHand, an_address_that_is_probably_mistyped_is_not_found_without_a_hint) {
  ctl({"add", "x@b.example"});
  for (const auto& command :
       {std::vector<std::string>{"lift"}, {"check"}, {"show"}, {"confirm"}, {"exempt", "remove"}}) {
    auto arguments = command;
    arguments.push_back("mailto:x@b.example");
    EXPECT_NE(ctl(arguments).out.find("did you mean x@b.example?"), std::string::npos) << command[0];
  }
}

TEST_F(ByHand, text_around_an_address_is_refused_with_the_address_that_was_meant) {
  for (const char* typed :
       {"Jane Doe <x@b.example>", "\"Doe, Jane\" <x@b.example>", "<x@b.example>,", "x@b.example,",
        "x@b.example;", "'x@b.example'", "<x@b.example", "x@b.example,Jane"}) {
    const auto ran = ctl({"add", typed});
    EXPECT_EQ(ran.status, 2) << typed;
    EXPECT_NE(ran.err.find("did you mean x@b.example?"), std::string::npos) << ran.err;
  }
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
}

TEST_F(ByHand, a_file_does_not_show_its_bad_lines_one_at_a_time) {
  std::string text = "good@example.com\n";
  for (int number = 2; number <= 24; ++number) text += "user" + std::to_string(number) + "@@b.example\n";
  const auto file = write("list.txt", text);
  const auto ran = ctl({"add", "--file", file});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find(file + ":2: \"user2@@b.example\" is probably a mistake"), std::string::npos)
      << ran.err;
  EXPECT_NE(ran.err.find(file + ":21: "), std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find(file + ":22: "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("suppressctl: and 3 more\n"), std::string::npos) << ran.err;
  EXPECT_NE(
      ran.err.find(
          "23 addresses are not valid, and nothing was changed; --skip-invalid continues with the others\n"),
      std::string::npos)
      << ran.err;
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
}

TEST_F(ByHand, invalid_addresses_are_skipped_on_request_but_listed) {
  const auto file = write("list.txt", "one@example.com\nno address\ntwo@example.com\nuser@@b.example\n");
  const auto ran = ctl({"add", "--file", file, "--skip-invalid", "--json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  ASSERT_EQ(ran.objects().size(), 2U);
  EXPECT_EQ(ran.objects()[1]["address"], "two@example.com");
  EXPECT_NE(ran.err.find(file + ":2: "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find(file + ":4: "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("skipped 2 invalid addresses\n"), std::string::npos) << ran.err;
  EXPECT_EQ(ctl({"list", "--json"}).lines().size(), 2U);
  EXPECT_EQ(ctl({"add", "no address", "--skip-invalid"}).status, 2);
}

TEST_F(ByHand, the_byte_order_mark_of_a_file_does_not_become_part_of_an_address) {
  EXPECT_EQ(ctl({"add", "--file", write("windows.txt", "\xEF\xBB\xBFone@example.com\r\n")}).status, 0);
  EXPECT_TRUE(is_refused("one@example.com"));
}

TEST_F(ByHand, thousands_of_addresses_are_changed_without_a_line_for_each) {
  std::string many;
  for (int number = 0; number < 2500; ++number) many += "user" + std::to_string(number) + "@example.com\n";
  const auto file = write("many", many);
  EXPECT_EQ(ctl({"exempt", "add", "user7@example.com"}).status, 0);
  const auto added = ctl({"add", "--file", file});
  EXPECT_EQ(added.status, 0) << added.err;
  EXPECT_EQ(added.out,
            "user7@example.com: added, kind manual, permanent\n"
            "  but it is exempt, and stays accepted until suppressctl exempt remove\n"
            "2500 addresses: 2499 added (kind manual, permanent), 1 added but exempt\n");
  EXPECT_EQ(ctl({"list", "--json"}).lines().size(), 2499U);
  EXPECT_EQ(ctl({"lift", "user1@example.com"}).status, 0);
  const auto lifted = ctl({"lift", "--file", file});
  EXPECT_EQ(lifted.status, 1);
  EXPECT_EQ(lifted.out,
            "user1@example.com: nothing to lift, no entry of its own is in force\n"
            "2500 addresses: 2499 lifted, 1 with nothing to lift\n"
            "to take it back: suppressctl undo --revert 2\n");
  EXPECT_EQ(ctl({"undo", "--revert", "2", "--json"}).objects().back()["restored"], 2499);
  EXPECT_EQ(ctl({"lift", "--file", file}).status, 1);
  EXPECT_EQ(ctl({"list", "--json"}).lines().size(), 0U);
  EXPECT_EQ(ctl({"lift", "--file", file, "--json"}).objects().size(), 2500U);
}

TEST_F(ByHand, a_file_without_addresses_is_not_an_error) {
  const auto ran = ctl({"add", "--file", write("none.txt", "# nobody left today\n")});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "no addresses: nothing to do\n");
}

TEST_F(ByHand, list_filters_by_kind_and_refuses_unknown_ones) {
  ctl({"add", "a@b.example"});
  ctl({"add", "c@d.example", "--kind", "unsubscribe"});
  const auto listed = ctl({"list", "--kind", "unsubscribe", "--json"}).objects();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["address"], "c@d.example");
  EXPECT_EQ(ctl({"list", "--kind", "hrad"}).status, 2);
  EXPECT_EQ(ctl({"list", "--category", "bad-mailbx"}).status, 2);
  EXPECT_EQ(ctl({"list", "--since", "yesterday-ish"}).status, 2);
}

TEST_F(ByHand, list_selects_by_time) {
  ctl({"add", "a@b.example"});
  EXPECT_EQ(ctl({"list", "--since", "1h", "--json"}).lines().size(), 1U);
  EXPECT_EQ(ctl({"list", "--until", "1h", "--json"}).lines().size(), 0U);
  EXPECT_EQ(ctl({"list", "--since", "2026-01-02", "--until", "2026-01-01"}).status, 2);
}

TEST_F(ByHand, the_table_is_aligned) {
  ctl({"add", "a@b.example", "a-much-longer-address@example.com"});
  const auto lines = ctl({"list"}).lines();
  ASSERT_EQ(lines.size(), 4U);
  const auto column = lines[0].find("KIND");
  EXPECT_EQ(lines[1].substr(column, 6), "manual");
  EXPECT_EQ(lines[2].substr(column, 6), "manual");
}

TEST_F(ByHand, the_audit_names_the_one_who_called_sudo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  environment_.push_back("SUDO_USER=alice");
  ctl({"add", "a@b.example"});
  const auto story = ctl({"--json", "show", "a@b.example"}).objects().at(0);
  EXPECT_EQ(story["audit"].at(0)["actor"], "alice");
  EXPECT_EQ(story["entries"].at(0)["actor"], "alice");
}

TEST_F(ByHand, a_row_written_with_sqlite3_is_listed_whatever_it_contains) {
  ctl({"add", "a@b.example"});
  sql("INSERT INTO suppression(address, note) VALUES ('hand@b.example', 'bad ' || char(27) || '[31m' || "
      "CAST(x'ff' AS TEXT))");
  EXPECT_TRUE(is_refused("hand@b.example"));
  const auto listed = ctl({"--json", "list"}).objects();
  EXPECT_EQ(listed.size(), 2U);
  const auto shown = ctl({"show", "hand@b.example"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_EQ(shown.out.find('\x1b'), std::string::npos);
}

TEST_F(ByHand, output_that_cannot_be_written_is_an_error) {
  ctl({"add", "a@b.example"});
  const std::string command = std::string(SUPPRESSCTL) + " --config " + path("suppressd.conf") + " --db " +
                              path("test.db") + " list > /dev/full 2> " + path("full");
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
}

TEST_F(ByHand, an_exemption_holds_for_sends_that_end_after_it) {
  ctl({"exempt", "add", "a@example.com", "@example.org"});
  sql("UPDATE exemption SET since = unixepoch('2026-11-02')");
  const auto relay = "mx.example.org[192.0.2.2]:25";
  ctl({"replay",
       write("mail.log",
             postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA1", "a@example.com", kDead) +
                 postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA2", "b@example.org", kDead, relay) +
                 postfix_message("2026-11-03T10:00:00+00:00", "AAAAAA3", "a@example.com", kSent) +
                 postfix_message("2026-11-03T10:00:00+00:00", "AAAAAA4", "c@example.org", kDead, relay))});
  EXPECT_EQ(ctl({"list", "--json"}).lines().size(), 0U);
  ctl({"exempt", "remove", "a@example.com", "@example.org"});
  EXPECT_TRUE(is_refused("a@example.com"));
  EXPECT_TRUE(is_refused("b@example.org"));
  EXPECT_FALSE(is_refused("c@example.org"));
}

TEST_F(ByHand, dump_is_the_same_for_the_same_state) {
  ctl({"add", "a@b.example", "c@d.example"});
  const auto first = ctl({"dump"});
  EXPECT_EQ(first.status, 0);
  EXPECT_NE(first.out.find("a@b.example"), std::string::npos);
  EXPECT_EQ(ctl({"dump"}).out, first.out);
}

}  // namespace
}  // namespace suppressd::ctl
