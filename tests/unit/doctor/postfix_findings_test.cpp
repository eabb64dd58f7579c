// Each mistake in main.cf and master.cf, and its fix.
#include "postfix_findings.h"

#include <gtest/gtest.h>

#include "found.h"

namespace suppressd {
namespace {

constexpr const char* kDefaults =
    "compatibility_level = 3.6\nqueue_directory = /var/spool/postfix\nmail_owner = postfix\nmilter_protocol "
    "= 6\n"
    "milter_default_action = tempfail\nsmtpd_milters =\nnon_smtpd_milters =\nsoft_bounce = no\n"
    "enable_long_queue_ids = no\nsmtpd_soft_error_limit = 10\nsmtpd_hard_error_limit = 20\nrelayhost =\n"
    "inet_interfaces = all\ncontent_filter =\nalways_bcc =\ndefault_delivery_status_filter =\n"
    "smtp_delivery_status_filter = $default_delivery_status_filter\n";
constexpr const char* kMilter =
    "suppressd_milter = { unix:suppressd/suppressd.sock, default_action=accept, connect_timeout=5s }\n";
constexpr const char* kLimits =
    "submission/inet/smtpd_soft_error_limit = 1000\nsubmission/inet/smtpd_hard_error_limit = 10000\n";

/// A Postfix that is set up as the examples say.
class PostfixFindings : public testing::Test {
 protected:
  Findings find(const std::string& more_set = {}, const std::string& more_services = {},
                const std::string& more_options = {}) {
    facts.settings = PostfixSettings::parse({.defaults = defaults,
                                             .set = set + more_set,
                                             .services = services + more_services,
                                             .options = options + more_options});
    facts.place.paths = {"/var/spool/postfix/suppressd/suppressd.sock"};
    auto found = postfix_findings(facts);
    std::erase_if(found, [](const Finding& finding) { return finding.name == "short-queue-ids"; });
    return found;
  }

  PostfixFacts facts;
  std::string defaults = kDefaults;
  std::string set = std::string(kMilter) + "non_smtpd_milters = $suppressd_milter\n";
  std::string services =
      "smtp       inet  n - y - - smtpd\nsubmission inet  n - y - - smtpd\ncleanup unix n - y - 0 cleanup\n"
      "pickup unix n - y 60 1 pickup\n";
  std::string options = std::string("submission/inet/smtpd_milters = $suppressd_milter\n") + kLimits;
};

TEST_F(PostfixFindings, the_examples_lines_are_not_complained_about) {
  EXPECT_EQ(names_of(find()), std::vector<std::string>{});
}

TEST_F(PostfixFindings, a_forgotten_milter_is_not_overlooked) {
  set.clear();
  options.clear();
  const auto found = the(find(), "milter-missing");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_TRUE(has(found.fix,
                  "postconf -e 'suppressd_milter = { unix:suppressd/suppressd.sock, default_action=accept"))
      << found.fix;
  EXPECT_TRUE(has(found.fix, "postconf -e 'non_smtpd_milters = $suppressd_milter'")) << found.fix;
  EXPECT_TRUE(has(found.fix, "postconf -P 'submission/inet/smtpd_milters=$suppressd_milter'")) << found.fix;
  EXPECT_TRUE(has(found.fix, "postfix reload"));
}

TEST_F(PostfixFindings, the_folder_of_another_configuration_is_not_left_out_of_the_fix) {
  set.clear();
  options.clear();
  facts.directory = "/etc/postfix-out";
  const auto found = the(find(), "milter-missing");
  EXPECT_TRUE(has(found.fix, "postconf -c /etc/postfix-out -e '")) << found.fix;
  EXPECT_TRUE(has(found.fix, "postfix -c /etc/postfix-out reload")) << found.fix;
}

TEST_F(PostfixFindings, other_filters_are_not_thrown_out_by_the_fix) {
  set = "non_smtpd_milters = inet:localhost:8891\n";
  options.clear();
  EXPECT_TRUE(
      has(the(find(), "milter-missing").fix, "'non_smtpd_milters = $suppressd_milter, inet:localhost:8891'"));
}

TEST_F(PostfixFindings, a_submission_service_that_does_not_ask_is_named) {
  const auto found = the(find({}, "submissions inet n - y - - smtpd\n"), "milter-forgotten");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_TRUE(has(found.what, "submissions"));
  EXPECT_TRUE(has(found.fix, "postconf -P 'submissions/inet/smtpd_milters=$suppressd_milter'")) << found.fix;
}

TEST_F(PostfixFindings, the_public_port_does_not_refuse_mail_from_outside_unnoticed) {
  options += "smtp/inet/smtpd_milters = $suppressd_milter\n";
  const auto found = the(find(), "milter-public-port");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_TRUE(has(found.fix, "postconf -PX 'smtp/inet/smtpd_milters'")) << found.fix;
  facts.inbound_daemons = {"inbound"};
  options += "smtp/inet/milter_macro_daemon_name = inbound\n";
  EXPECT_EQ(names_of(find()), std::vector<std::string>{}) << "no one is refused there";
}

TEST_F(PostfixFindings, smtpd_milters_in_main_cf_holds_for_the_public_port_too) {
  const auto found = the(find("smtpd_milters = $suppressd_milter, inet:x:1\n"), "milter-public-port");
  EXPECT_TRUE(has(found.what, "main.cf")) << found.what;
  EXPECT_TRUE(has(found.fix, "postconf -P 'smtp/inet/smtpd_milters=inet:x:1'")) << found.fix;
  EXPECT_TRUE(
      the(find("smtpd_milters = $suppressd_milter\ninet_interfaces = loopback-only\n"), "milter-public-port")
          .name.empty())
      << "no one outside reaches it";
}

TEST_F(PostfixFindings, postscreen_does_not_hide_the_public_port) {
  services =
      "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\nsubmission inet n - y - - smtpd\n"
      "cleanup unix n - y - 0 cleanup\n";
  options += "smtpd/pass/smtpd_milters = $suppressd_milter\n";
  EXPECT_TRUE(has(the(find(), "milter-public-port").what, "smtpd/pass"));
}

TEST_F(PostfixFindings, mail_of_the_sendmail_command_does_not_pass_unnoticed) {
  set = kMilter;
  const auto found = the(find(), "non-smtpd-milters");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_EQ(found.fix, "postconf -e 'non_smtpd_milters = $suppressd_milter' && postfix reload");
  set += "non_smtpd_milters = $suppressd_milter\n";
  EXPECT_EQ(the(find({}, {}, "pickup/unix/receive_override_options = no_milters\n"), "non-smtpd-milters").fix,
            "postconf -PX 'pickup/unix/receive_override_options' && postfix reload");
}

TEST_F(PostfixFindings, a_doubled_milter_is_not_overlooked) {
  const auto found =
      the(find("smtpd_milters =\n", {},
               "submission/inet/smtpd_milters = $suppressd_milter, unix:suppressd/suppressd.sock\n"),
          "milter-doubled");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_TRUE(has(found.what, "2 times in smtpd_milters of submission/inet")) << found.what;
  EXPECT_EQ(found.fix, "postconf -P 'submission/inet/smtpd_milters=$suppressd_milter' && postfix reload");
  EXPECT_TRUE(
      has(the(find("non_smtpd_milters = $suppressd_milter, $suppressd_milter\n"), "milter-doubled").what,
          "non_smtpd_milters of main.cf"));
}

TEST_F(PostfixFindings, a_milter_without_default_action_is_not_left_to_postfix_default) {
  set = "suppressd_milter = unix:suppressd/suppressd.sock\nnon_smtpd_milters = $suppressd_milter\n";
  const auto found = the(find(), "milter-default-action");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_TRUE(has(found.what, "submission/inet, non_smtpd_milters")) << found.what;
  EXPECT_TRUE(has(found.fix, "postconf -e 'milter_default_action = accept'"));
  EXPECT_TRUE(the(find("milter_default_action = accept\n"), "milter-default-action").name.empty());
}

TEST_F(PostfixFindings, a_signer_before_suppressd_is_not_overlooked) {
  options = std::string("submission/inet/smtpd_milters = inet:localhost:8891, $suppressd_milter\n") + kLimits;
  const auto found = the(find(), "milter-order");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_TRUE(has(found.fix, "smtpd_milters=$suppressd_milter,inet:localhost:8891'")) << found.fix;
  facts.trace = false;
  EXPECT_TRUE(the(find(), "milter-order").name.empty()) << "no header is added";
  facts.trace = true;
  options = std::string("submission/inet/smtpd_milters = $suppressd_milter, inet:localhost:8891\n") + kLimits;
  EXPECT_TRUE(the(find(), "milter-order").name.empty());
}

TEST_F(PostfixFindings, soft_bounce_is_not_overlooked) {
  const auto found = the(find("soft_bounce = yes\n"), "soft-bounce");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_EQ(found.fix, "postconf -e 'soft_bounce = no' && postfix reload");
  EXPECT_EQ(the(find({}, {}, "submission/inet/soft_bounce = yes\n"), "soft-bounce").fix,
            "postconf -PX 'submission/inet/soft_bounce' && postfix reload");
  EXPECT_TRUE(
      the(find({}, "incident unix - - y - - smtp\n", "incident/unix/soft_bounce = yes\n"), "soft-bounce")
          .name.empty())
      << "the transport for incidents is made for it";
}

TEST_F(PostfixFindings, filters_of_replies_and_of_delivery_status_are_not_overlooked) {
  for (const std::string name :
       {"smtp_reply_filter", "smtp_delivery_status_filter", "default_delivery_status_filter"}) {
    const auto found = the(find(name + " = pcre:/etc/postfix/filter\n"), "reply-filter");
    EXPECT_EQ(found.level, FindingLevel::warning) << name;
    EXPECT_EQ(found.what, name + " = pcre:/etc/postfix/filter");
    EXPECT_TRUE(has(found.fix, "postconf -e '" + name + " ='")) << found.fix;
  }
  EXPECT_EQ(
      the(find({}, "smtp unix - - y - - smtp\n", "smtp/unix/smtp_reply_filter = pcre:/x\n"), "reply-filter")
          .what,
      "smtp/unix/smtp_reply_filter = pcre:/x");
}

TEST_F(PostfixFindings, short_queue_ids_are_a_note) {
  facts.settings =
      PostfixSettings::parse({.defaults = defaults, .set = set, .services = services, .options = options});
  const auto found = the(postfix_findings(facts), "short-queue-ids");
  EXPECT_EQ(found.level, FindingLevel::note);
  EXPECT_EQ(found.fix, "postconf -e 'enable_long_queue_ids = yes' && postfix reload");
  set += "enable_long_queue_ids = yes\n";
  facts.settings =
      PostfixSettings::parse({.defaults = defaults, .set = set, .services = services, .options = options});
  EXPECT_TRUE(the(postfix_findings(facts), "short-queue-ids").name.empty());
}

TEST_F(PostfixFindings, error_limits_do_not_stay_at_their_defaults_unnoticed) {
  options =
      "submission/inet/smtpd_milters = $suppressd_milter\nsubmission/inet/smtpd_soft_error_limit = 1000\n";
  const auto found = the(find(), "error-limits");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_EQ(found.fix, "postconf -P 'submission/inet/smtpd_hard_error_limit = 10000' && postfix reload");
  EXPECT_TRUE(the(find("smtpd_hard_error_limit = 5000\n"), "error-limits").name.empty());
}

TEST_F(PostfixFindings, recipients_that_rcpt_cannot_see_are_a_note) {
  facts.lists = {{"alias_maps hash:/etc/aliases", "team"}};
  const auto found = the(find("always_bcc = archive@example.com\n"), "hidden-recipients");
  EXPECT_EQ(found.level, FindingLevel::note);
  EXPECT_TRUE(has(found.what, "always_bcc = archive@example.com; alias_maps hash:/etc/aliases (team)"))
      << found.what;
  EXPECT_TRUE(has(found.fix, "postfix-transport.cf.example"));
  facts.transport_checks = true;
  EXPECT_TRUE(the(find("always_bcc = archive@example.com\n"), "hidden-recipients").name.empty());
}

TEST_F(PostfixFindings, an_old_milter_protocol_is_not_overlooked) {
  EXPECT_EQ(the(find("milter_protocol = 2\n"), "milter-protocol").fix,
            "postconf -e 'milter_protocol = 6' && postfix reload");
  set =
      "suppressd_milter = { unix:suppressd/suppressd.sock, default_action=accept, protocol=3 }\n"
      "non_smtpd_milters = $suppressd_milter\n";
  EXPECT_TRUE(has(the(find(), "milter-protocol").what, "protocol=3"));
  set =
      "suppressd_milter = { unix:suppressd/suppressd.sock, default_action=accept, protocol=6 }\n"
      "non_smtpd_milters = $suppressd_milter\n";
  EXPECT_TRUE(the(find("milter_protocol = 2\n"), "milter-protocol").name.empty())
      << "that of the milter counts";
}

TEST_F(PostfixFindings, mail_that_returns_from_a_content_filter_is_not_checked_twice_unnoticed) {
  const std::string service = "127.0.0.1:10026 inet n - y - - smtpd\n";
  const std::string of_it =
      "127.0.0.1:10026/inet/content_filter =\n127.0.0.1:10026/inet/smtpd_milters = "
      "$suppressd_milter\n127.0.0.1:10026/inet/smtpd_soft_error_limit = 1000\n"
      "127.0.0.1:10026/inet/smtpd_hard_error_limit = 1000\n";
  const auto found = the(find("content_filter = scan:[127.0.0.1]:10025\n", service, of_it), "content-filter");
  EXPECT_EQ(found.level, FindingLevel::warning);
  EXPECT_EQ(found.fix,
            "postconf -P '127.0.0.1:10026/inet/receive_override_options = no_milters' && postfix reload");
  EXPECT_TRUE(the(find("content_filter = scan:[127.0.0.1]:10025\n", service,
                       of_it + "127.0.0.1:10026/inet/receive_override_options = no_milters\n"),
                  "content-filter")
                  .name.empty());
  EXPECT_TRUE(the(find({}, service, of_it), "content-filter").name.empty()) << "there is no filter";
}

TEST_F(PostfixFindings, a_smart_host_by_name_is_not_left_out_of_the_relays) {
  EXPECT_TRUE(has(the(find("relayhost = [smtp.provider.example]\n"), "relayhost").fix,
                  "relays = [\"smtp.provider.example\"]"));
  facts.relays = {"smtp.provider.example"};
  EXPECT_TRUE(the(find("relayhost = [smtp.provider.example]\n"), "relayhost").name.empty());
  facts.relays.clear();
  EXPECT_TRUE(the(find("relayhost = [198.51.100.7]:25\n"), "relayhost").name.empty())
      << "the log shows that it is one";
  EXPECT_TRUE(the(find("relayhost = [smtp.provider.example]:587\n"), "relayhost").name.empty());
}

TEST_F(PostfixFindings, other_instances_are_a_note) {
  EXPECT_EQ(the(find("multi_instance_directories = /etc/postfix-out\n"), "instances").fix,
            "suppressctl doctor --postfix-config /etc/postfix-out");
}

TEST_F(PostfixFindings, sockets_are_examined_once_for_services_in_a_chroot_and_once_for_others) {
  find({}, "127.0.0.1:10025 inet n - n - - smtpd\n127.0.0.1:10026 inet n - y - - smtpd\n",
       "127.0.0.1:10025/inet/smtpd_milters = $suppressd_milter\n"
       "127.0.0.1:10026/inet/smtpd_milters = $suppressd_milter\n");
  const auto uses = milter_uses(facts);
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].user, "smtpd of submission");
  EXPECT_TRUE(uses[0].chroot);
  EXPECT_FALSE(uses[1].chroot);
  EXPECT_EQ(uses[1].path, "/var/spool/postfix/suppressd/suppressd.sock");
  EXPECT_EQ(replace_endpoint(facts, uses[0], "unix:x"),
            "postconf -e 'suppressd_milter = { unix:x, default_action=accept, connect_timeout=5s }' && "
            "postfix reload");
}

TEST_F(PostfixFindings, a_list_for_master_cf_has_no_blanks) {
  options = std::string(
                "submission/inet/smtpd_milters = { unix:suppressd/suppressd.sock, default_action=accept }, { "
                "unix:suppressd/suppressd.sock, default_action=accept }\n") +
            kLimits;
  EXPECT_EQ(the(find(), "milter-doubled").fix,
            "postconf -e 'milters_of_submission = { unix:suppressd/suppressd.sock, default_action=accept }' "
            "&& postconf -P 'submission/inet/smtpd_milters=$milters_of_submission' && postfix reload")
      << "postconf -P takes none";
}

}  // namespace
}  // namespace suppressd
