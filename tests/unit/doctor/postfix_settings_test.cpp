// What postconf(1) prints, and Postfix's way to expand it.
#include "postfix_settings.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

PostfixSettings settings() {
  return PostfixSettings::parse(
      {.defaults = "compatibility_level = 3.6\nqueue_directory = /var/spool/postfix\nmilter_protocol = 6\n"
                   "smtpd_hard_error_limit = ${stress?{1}:{20}}\nstress =\nsmtpd_milters =\n",
       .set = "ours = { unix:a/b, default_action=accept }\nnon_smtpd_milters = $ours\nloop = $loop\n",
       .services =
           "smtp       inet  n       -       y       -       -       smtpd\n"
           "submission inet  n       -       -       -       -       smtpd -o smtpd_milters=$ours, inet:x:1\n"
           "pickup     unix  n       -       n       60      1       pickup\n",
       .options = "submission/inet/smtpd_milters = $ours, inet:x:1\nsubmission/inet/stress = yes\n"});
}

TEST(PostfixSettings, a_service_does_not_lose_its_own_options_or_its_chroot) {
  const auto read = settings();
  ASSERT_EQ(read.services().size(), 3U);
  const auto* submission = read.service("submission", "inet");
  ASSERT_NE(submission, nullptr);
  EXPECT_EQ(submission->program, "smtpd");
  EXPECT_FALSE(submission->chroot) << "- is no since compatibility level 1";
  EXPECT_TRUE(read.service("smtp", "inet")->chroot);
  EXPECT_EQ(read.value(submission, "smtpd_milters"), "{ unix:a/b, default_action=accept }, inet:x:1");
  EXPECT_EQ(read.value(read.service("smtp", "inet"), "smtpd_milters"), "");
  EXPECT_TRUE(read.is_set(submission, "smtpd_milters"));
  EXPECT_FALSE(read.is_set(nullptr, "smtpd_milters"));
}

TEST(PostfixSettings, an_old_compatibility_level_means_chroot) {
  const auto old = PostfixSettings::parse({.defaults = "compatibility_level = 0\n",
                                           .set = {},
                                           .services = "smtp inet n - - - - smtpd\n",
                                           .options = {}});
  EXPECT_TRUE(old.service("smtp", "inet")->chroot);
}

TEST(PostfixSettings, values_are_expanded_as_postfix_does_it_and_no_loop_hangs) {
  const auto read = settings();
  EXPECT_EQ(read.value("non_smtpd_milters"), "{ unix:a/b, default_action=accept }");
  EXPECT_EQ(read.value("smtpd_hard_error_limit"), "20");
  EXPECT_EQ(read.value(read.service("submission", "inet"), "smtpd_hard_error_limit"), "1");
  EXPECT_EQ(read.value("loop"), "");
}

TEST(PostfixSettings, a_list_of_milters_does_not_break_at_the_commas_in_braces) {
  const auto milters =
      milters_of("{ unix:a/b, default_action=accept, protocol=6 }, inet:localhost:8891 unix:/c");
  ASSERT_EQ(milters.size(), 3U);
  EXPECT_EQ(milters[0].endpoint, "unix:a/b");
  EXPECT_EQ(milters[0].attributes.at("default_action"), "accept");
  EXPECT_EQ(milters[1].endpoint, "inet:localhost:8891");
  EXPECT_EQ(milters[2].endpoint, "unix:/c");
  EXPECT_TRUE(milters_of("").empty());
  EXPECT_EQ(milters_of("{ unix:broken").size(), 1U);
}

TEST(PostfixSettings, a_relative_path_is_not_looked_for_outside_of_the_queue_directory) {
  EXPECT_EQ(socket_path_of("unix:a/b", true, "/q"), "/q/a/b");
  EXPECT_EQ(socket_path_of("unix:a/b", false, "/q"), "/q/a/b");
  EXPECT_EQ(socket_path_of("unix:/run/b", false, "/q"), "/run/b");
  EXPECT_EQ(socket_path_of("unix:/run/b", true, "/q"), "/q/run/b");
  EXPECT_EQ(socket_path_of("inet:localhost:1", true, "/q"), "");
}

}  // namespace
}  // namespace suppressd
