// sendmail.cf: each mistake, and its fix.
#include "sendmail_findings.h"

#include <gtest/gtest.h>

#include "found.h"

namespace suppressd {
namespace {

constexpr const char* kFilter =
    "Xsuppressd, S=unix:/run/suppressd/suppressd.sock, F=T, T=C:5s;S:5s;R:5s;E:30s\n";
constexpr const char* kDaemons =
    "O DaemonPortOptions=Family=inet, Name=MTA-v4, Port=smtp, Addr=127.0.0.1, InputMailFilters=suppressd\n"
    "O DaemonPortOptions=Family=inet, Name=MSP-v4, Port=submission, M=Ea, Addr=127.0.0.1, "
    "InputMailFilters=suppressd\n";
constexpr const char* kOptions = "O LogLevel=9\nO BadRcptThrottle=1000\n";

Findings find(const std::string& text, std::vector<std::string> inbound = {}) {
  SendmailFacts facts;
  facts.settings = SendmailSettings::parse(text);
  facts.place.paths = {"/run/suppressd/suppressd.sock"};
  facts.inbound_daemons = std::move(inbound);
  return sendmail_findings(facts);
}

TEST(SendmailFindings, the_examples_lines_are_not_complained_about) {
  EXPECT_EQ(names_of(find(std::string(kFilter) + kDaemons + kOptions)), std::vector<std::string>{});
}

TEST(SendmailFindings, a_missing_filter_is_not_overlooked) {
  const auto found = the(find(std::string("Xother, S=inet:1@localhost\n") + kOptions), "milter-missing");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_TRUE(has(found.fix, "MAIL_FILTER(`suppressd', `S=unix:/run/suppressd/suppressd.sock")) << found.fix;
  EXPECT_TRUE(has(found.fix, "make -C /etc/mail && systemctl restart sendmail"));
}

TEST(SendmailFindings, a_filter_that_no_daemon_asks_is_not_taken_for_one_that_works) {
  const auto found = the(
      find(std::string(kFilter) + kOptions + "O DaemonPortOptions=Name=MTA-v4, Port=smtp, Addr=127.0.0.1\n"),
      "milter-missing");
  EXPECT_TRUE(has(found.what, "no daemon asks it"));
  EXPECT_TRUE(has(found.fix, "InputMailFilters=suppressd"));
}

TEST(SendmailFindings, the_option_for_all_daemons_counts_where_a_daemon_names_none) {
  EXPECT_EQ(names_of(find(std::string(kFilter) + kOptions +
                          "O InputMailFilters=suppressd\n"
                          "O DaemonPortOptions=Name=MTA-v4, Addr=127.0.0.1\n")),
            std::vector<std::string>{});
}

TEST(SendmailFindings, a_public_daemon_is_not_overlooked) {
  const std::string text = std::string(kFilter) + kOptions +
                           "O InputMailFilters=suppressd\n"
                           "O DaemonPortOptions=Name=MX-v4, Port=smtp, Addr=192.0.2.1\n";
  EXPECT_TRUE(has(the(find(text), "milter-public-port").what, "MX-v4"));
  EXPECT_EQ(names_of(find(text, {"MX-v4"})), std::vector<std::string>{});
}

TEST(SendmailFindings, no_f_is_a_note) {
  const auto found =
      the(find(std::string("Xsuppressd, S=unix:/run/suppressd/suppressd.sock\n") + kDaemons + kOptions),
          "milter-default-action");
  EXPECT_EQ(found.level, FindingLevel::note);
}

TEST(SendmailFindings, a_low_log_level_is_not_overlooked) {
  const auto found = the(find(std::string(kFilter) + kDaemons + "O LogLevel=7\n"), "log-level");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_TRUE(has(found.fix, "define(`confLOG_LEVEL', `9')dnl"));
}

TEST(SendmailFindings, a_signer_before_suppressd_and_a_doubled_filter_are_not_overlooked) {
  const std::string signer = "Xopendkim, S=inet:8891@127.0.0.1\n";
  const std::string daemon =
      "O DaemonPortOptions=Name=MSA, Port=587, InputMailFilters=opendkim;suppressd;suppressd\n";
  const auto found = find(kFilter + signer + kOptions + daemon);
  EXPECT_TRUE(has(the(found, "milter-order").fix, "name suppressd before opendkim"));
  EXPECT_TRUE(has(the(found, "milter-doubled").what, "2 times"));
}

TEST(SendmailFindings, debian_throttle_is_not_overlooked) {
  EXPECT_TRUE(has(the(find(std::string(kFilter) + kDaemons + "O BadRcptThrottle=3\n"), "error-limits").fix,
                  "confBAD_RCPT_THROTTLE"));
}

TEST(SendmailFindings, a_socket_is_not_misread) {
  const auto settings = SendmailSettings::parse("Xa, S=local:/x/y, T=C:5s\nXb,\n  S=inet:1@h\n# X no\n");
  ASSERT_EQ(settings.filters.size(), 2U);
  EXPECT_EQ(socket_of(settings.filters[0]), "/x/y");
  EXPECT_EQ(settings.filters[1].equates.at("S"), "inet:1@h") << "a continued line";
  EXPECT_EQ(socket_of(settings.filters[1]), "");
}

}  // namespace
}  // namespace suppressd
