// The daemon: what systemd says of it, its configuration, and what is open.
#include "daemon_findings.h"

#include <gtest/gtest.h>

#include "found.h"

namespace suppressd {
namespace {

constexpr const char* kService =
    "Type=notify\nMainPID=4711\nStatusText=look-ups ok; learning from "
    "journal\nExecMainStatus=0\nResult=success\n"
    "User=suppressd\nSupplementaryGroups=adm systemd-journal\nLoadState=loaded\nActiveState=active\n"
    "UnitFileState=enabled\nActiveEnterTimestamp=@1793574000\n";
constexpr const char* kSocket =
    "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n"
    "Listen=/var/spool/postfix/suppressd/suppressd.sock (Stream)\n";

DaemonFacts well() {
  DaemonFacts facts;
  facts.service = service_state_of(kService, kSocket);
  facts.mode = "enforce";
  return facts;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(ServiceState, what_systemctl_prints_is_not_misread) {
  const auto state = service_state_of(kService, kSocket);
  EXPECT_TRUE(state.known);
  EXPECT_EQ(state.pid, 4711);
  EXPECT_EQ(state.since, from_unix(1793574000));
  EXPECT_EQ(state.groups, (std::vector<std::string>{"adm", "systemd-journal"}));
  EXPECT_EQ(state.sockets, std::vector<std::string>{"/var/spool/postfix/suppressd/suppressd.sock"});
  EXPECT_FALSE(service_state_of("LoadState=not-found\nActiveState=inactive\n", "").known);
  EXPECT_FALSE(service_state_of("", "").known);
}

TEST(DaemonFindings, a_daemon_that_runs_well_is_not_complained_about) {
  EXPECT_EQ(names_of(daemon_findings(well())), std::vector<std::string>{});
}

TEST(DaemonFindings, a_daemon_that_does_not_run_is_an_error) {
  auto facts = well();
  facts.service = service_state_of(replaced(kService, "ActiveState=active", "ActiveState=inactive"), kSocket);
  EXPECT_EQ(the(daemon_findings(facts), "daemon-down").fix,
            "systemctl enable --now suppressd.socket suppressd");
  facts.service = {};
  facts.answers = false;
  facts.socket = "unix:/x";
  EXPECT_TRUE(has(the(daemon_findings(facts), "daemon-down").what, "no one listens on unix:/x"));
}

TEST(DaemonFindings, a_failed_service_is_told_with_its_exit_status) {
  auto facts = well();
  facts.service = service_state_of(replaced(replaced(kService, "ActiveState=active", "ActiveState=failed"),
                                            "ExecMainStatus=0", "ExecMainStatus=78"),
                                   kSocket);
  const auto found = the(daemon_findings(facts), "daemon-failed");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_TRUE(has(found.what, "its configuration is invalid"));
}

TEST(DaemonFindings, a_daemon_in_trouble_is_not_called_well) {
  auto facts = well();
  facts.service.status =
      "look-ups ok; not learning from file /x since 2026-11-01T10:00:00Z (Permission denied)";
  EXPECT_EQ(the(daemon_findings(facts), "daemon-trouble").level, FindingLevel::error);
  facts.service.status = "look-ups failing since 2026-11-01T10:00:00Z (disk); learning from journal";
  EXPECT_EQ(the(daemon_findings(facts), "daemon-trouble").level, FindingLevel::error);
}

TEST(DaemonFindings, a_service_that_does_not_start_with_the_system_is_a_warning) {
  auto facts = well();
  facts.service = service_state_of(replaced(kService, "UnitFileState=enabled", "UnitFileState=disabled"),
                                   replaced(kSocket, "UnitFileState=enabled", "UnitFileState=disabled"));
  EXPECT_EQ(the(daemon_findings(facts), "daemon-disabled").level, FindingLevel::warning);
}

TEST(DaemonFindings, errors_in_the_configuration_and_the_rules_are_not_overlooked) {
  auto facts = well();
  facts.configuration = "suppressd.conf:12: unknown key";
  facts.rules = "mine.toml:3: not TOML";
  const auto found = daemon_findings(facts);
  EXPECT_EQ(the(found, "configuration").what, "suppressd.conf:12: unknown key");
  EXPECT_EQ(the(found, "rules").what, "mine.toml:3: not TOML");
  EXPECT_TRUE(has(the(found, "configuration").fix, "--check-config"));
}

TEST(DaemonFindings, monitor_mode_is_a_note_and_enforcement_that_is_off_a_warning) {
  auto facts = well();
  facts.monitors = true;
  facts.mode = "monitor";
  EXPECT_EQ(the(daemon_findings(facts), "monitor").level, FindingLevel::note);
  facts = well();
  facts.off =
      EnforcementOff{.since = from_unix(0), .until = from_unix(1793574000), .actor = "anna", .note = {}};
  const auto found = the(daemon_findings(facts), "enforcement-off");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_TRUE(has(found.what, "anna"));
  EXPECT_EQ(found.fix, "suppressctl enforcement on");
}

TEST(DaemonFindings, a_file_that_was_changed_and_not_reloaded_is_not_overlooked) {
  auto facts = well();
  facts.mode = "monitor";
  EXPECT_EQ(the(daemon_findings(facts), "not-reloaded").fix, "systemctl reload suppressd");
}

TEST(DaemonFindings, open_alerts_and_incidents_are_notes) {
  auto facts = well();
  facts.alerts = 2;
  facts.alert = "hard 7 %";
  facts.incidents = 1;
  facts.incident = "number 3, example.net";
  const auto found = daemon_findings(facts);
  EXPECT_EQ(the(found, "alert").what, "open alert: hard 7 % (and 1 more)");
  EXPECT_EQ(the(found, "incident").what, "open incident: number 3, example.net");
  EXPECT_EQ(the(found, "incident").level, FindingLevel::note);
}

}  // namespace
}  // namespace suppressd
