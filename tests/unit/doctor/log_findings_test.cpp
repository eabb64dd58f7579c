// The log: each thing that keeps suppressd from learning, and its fix.
#include "log_findings.h"

#include <gtest/gtest.h>

#include "found.h"

namespace suppressd {
namespace {

constexpr std::int64_t kNow = 1793574000;

class LogFindings : public testing::Test {
 protected:
  LogFindings() {
    ReadLog log;
    log.state.name = "file /var/log/mail.log";
    log.state.path = "/var/log/mail.log";
    log.state.known = true;
    log.state.read_until = log.state.newest = at(-60);
    facts.logs = {log};
    facts.account = "suppressd";
    facts.state = &state;
    facts.mail = at(-30);
    facts.now = at(0);
  }
  static Time at(std::int64_t seconds) { return from_unix(kNow + seconds); }
  Findings find() const { return log_findings(facts); }
  LogState& log() { return facts.logs.front().state; }

  HostState state;
  LogFacts facts;
};

TEST_F(LogFindings, a_log_that_is_read_to_its_end_is_not_complained_about) {
  EXPECT_EQ(names_of(find()), std::vector<std::string>{});
}

TEST_F(LogFindings, no_log_and_a_log_that_may_not_be_read_are_errors) {
  facts.logs.front().unreadable =
      "cannot read /var/log/mail.log: Permission denied (owner root, group adm, mode 0640); add suppressd to "
      "group adm (SupplementaryGroups=adm in its unit)";
  const auto found = the(find(), "log-permission");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_TRUE(has(found.what, "group adm"));
  EXPECT_EQ(found.fix, "add suppressd to group adm (SupplementaryGroups=adm in its unit)");
  facts.logs.clear();
  facts.no_log = "there is no mail log";
  EXPECT_EQ(the(find(), "log-missing").level, FindingLevel::error);
}

TEST_F(LogFindings, what_could_not_be_tried_is_not_called_well) {
  facts.logs.front().not_tried = true;
  EXPECT_EQ(the(find(), "log-permission").level, FindingLevel::unknown);
}

TEST_F(LogFindings, a_cursor_behind_is_told_in_lines_bytes_and_time) {
  log().unread_lines = 12;
  log().unread_bytes = 3400;
  log().oldest_unread = at(-30);
  EXPECT_TRUE(the(find(), "log-behind").name.empty()) << "a moment";
  log().oldest_unread = at(-3600 * 3);
  const auto found = the(find(), "log-behind");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_TRUE(has(found.what, "3 hours behind")) << found.what;
  EXPECT_TRUE(has(found.what, "12 lines (3400 bytes)")) << found.what;
  log().oldest_unread = at(-86400 * 3);
  EXPECT_EQ(the(find(), "log-behind").level, FindingLevel::error);
}

TEST_F(LogFindings, a_log_that_is_not_fed_while_mail_flows_is_an_error) {
  log().newest = log().read_until = at(-86400 * 2);
  const auto found = the(find(), "log-not-fed");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_TRUE(has(found.fix, "maillog_file"));
  facts.mail = at(-86400 * 2);
  EXPECT_TRUE(the(find(), "log-not-fed").name.empty()) << "a quiet host";
}

TEST_F(LogFindings, a_log_in_the_future_and_events_that_wait_are_not_overlooked) {
  log().newest = at(7200);
  EXPECT_TRUE(has(the(find(), "log-ahead").what, "2 hours ahead of this clock"));
  state.waiting = 3;
  state.farthest = at(7200);
  EXPECT_EQ(the(find(), "events-ahead").level, FindingLevel::warning);
}

TEST_F(LogFindings, gaps_are_not_overlooked) {
  state.gaps = {{at(-7200), at(-3600), "/var/log/mail.log", "it was truncated"}};
  const auto found = the(find(), "log-gap");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_TRUE(has(found.what, "1 gap in the log")) << found.what;
  EXPECT_TRUE(has(found.fix, "suppressctl replay"));
}

TEST_F(LogFindings, one_odd_line_among_many_is_no_finding) {
  state.lines = {.understood = 100'000, .ignored = 5, .not_understood = 50};
  EXPECT_EQ(names_of(find()), std::vector<std::string>{});
  state.lines.not_understood = 2000;
  EXPECT_EQ(the(find(), "log-not-understood").level, FindingLevel::warning);
}

TEST_F(LogFindings, journald_default_limit_is_not_overlooked) {
  facts.limits = {{"postfix@-.service", RateLimit{}}};
  EXPECT_TRUE(has(the(find(), "journald-rate-limit").fix, "systemctl edit postfix@-.service"));
  facts.limits.front().limit.burst = 1'000'000;
  EXPECT_TRUE(the(find(), "journald-rate-limit").name.empty());
}

TEST_F(LogFindings, a_clock_of_which_nothing_is_known_and_a_log_for_root_are_notes) {
  facts.clock_synchronised = false;
  facts.made_for_root = "/var/log/postfix.log";
  const auto found = find();
  EXPECT_EQ(the(found, "clock").level, FindingLevel::note);
  EXPECT_EQ(the(found, "log-rotation").level, FindingLevel::note);
  EXPECT_TRUE(has(the(found, "log-rotation").fix, "setfacl -d -m u:suppressd:r /var/log"));
}

TEST_F(LogFindings, a_log_that_was_never_read_is_not_called_read) {
  log().known = false;
  EXPECT_EQ(the(find(), "log-new").level, FindingLevel::warning);
}

}  // namespace
}  // namespace suppressd
