// suppressctl report and alerts: what people, scripts and monitoring see.
#include <sys/stat.h>

#include <ctime>
#include <fstream>

#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class Report : public CtlTest {
 protected:
  static std::string ago(int hours, int second = 0) {
    const auto at = std::time(nullptr) - hours * 3600 + second;
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", std::gmtime(&at));
    return text;
  }
  /// `dead` of `sent` to other addresses each time.
  void learn(int sent, int dead, int hours_ago = 2) {
    std::string lines;
    for (int i = 0; i < sent; ++i) {
      const auto number = std::to_string(10000 + ++sent_);
      lines += postfix_message(ago(hours_ago, i % 3000), "4X" + number, "u" + number + "@example.net",
                               i < dead ? kDead : kSent);
    }
    const auto ran = ctl({"replay", write("mail" + std::to_string(sent_) + ".log", lines)});
    ASSERT_EQ(ran.status, 0) << ran.err;
  }
  /// As the daemon does.
  void look(int minutes_ago = 1, int line_minutes_ago = 1) {
    sql("INSERT INTO meta VALUES ('rate.looked', unixepoch() - 60 * " + std::to_string(minutes_ago) +
        ") ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    sql("DELETE FROM cursor WHERE kind = 'file'");
    sql("INSERT INTO cursor(kind, source, first_line, offset, digest, position, last_time, zone, saved) "
        "VALUES ('file', "
        "'/var/log/mail.log', 'x', 1, '', '', unixepoch() - 60 * " +
        std::to_string(line_minutes_ago) + ", '', 1000000)");
  }
  std::string sendmail(const std::string& script) {
    const auto file = write("sendmail", "#!/bin/sh\n" + script + "\n");
    chmod(file.c_str(), 0755);
    return file;
  }
  std::string content(const std::string& name) const {
    std::ifstream in(path(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool says(const Ran& ran, const std::string& words) { return ran.out.find(words) != std::string::npos; }

 private:
  int sent_ = 0;
};

TEST_F(Report, what_is_unusual_comes_first_and_every_line_fits_a_terminal) {
  learn(400, 40);
  const auto ran = ctl({"report"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  ASSERT_GE(ran.lines().size(), 7U) << ran.out;
  EXPECT_EQ(ran.lines()[0], "Unusual");
  EXPECT_EQ(ran.lines()[1],
            "  critical  hard failures of sender-domain example.test: 10.0 % (40 of 400) in 1d");
  EXPECT_TRUE(says(ran, "By sender-domain, messages that entered since ")) << ran.out;
  EXPECT_TRUE(says(ran, "example.test                 400   10.0 % ##########    0.0 %   10.0 %        -"))
      << ran.out;
  for (const auto& line : ran.lines()) EXPECT_LE(line.size(), line.starts_with("  ") ? 200U : 80U) << line;
}

TEST_F(Report, each_dimension_is_shown) {
  learn(200, 2);
  EXPECT_TRUE(says(ctl({"report"}), "No rate is over a limit, or near one"));
  EXPECT_TRUE(says(ctl({"report", "--by", "provider"}), "\nexample.net "));
  EXPECT_TRUE(says(ctl({"report", "--by", "sender-domain+provider"}), "\nexample.test/example.net\n"));
  EXPECT_TRUE(says(ctl({"report", "--by", "day"}), "\n" + ago(2).substr(0, 10)));
  const auto domains = ctl({"report", "--by", "recipient-domain"});
  EXPECT_TRUE(says(domains, "NAME         HARD  SOFT")) << domains.out;
  const auto none = ctl({"report", "--since", "10m"});
  EXPECT_TRUE(says(none, "nothing was counted")) << none.out;
  EXPECT_EQ(ctl({"report", "--by", "moon"}).status, 2);
}

TEST_F(Report, scripts_get_all_counts_and_null_for_what_is_unknown) {
  learn(400, 40);
  const auto objects = ctl({"--json", "report", "--by", "provider"}).objects();
  ASSERT_EQ(objects.size(), 4U);
  EXPECT_EQ(objects[0]["record"], "unusual");
  EXPECT_EQ(objects[0]["level"], "critical");
  EXPECT_EQ(objects[0]["events"], 40);
  const auto& sums = objects[3];
  EXPECT_EQ(sums["record"], "sums");
  EXPECT_EQ(sums["name"], "example.net");
  EXPECT_EQ(sums["sent"], 400);
  EXPECT_EQ(sums["delivered"], 360);
  EXPECT_EQ(sums["dead"], 40);
  EXPECT_EQ(sums["hard_percent"], 10.0);
  EXPECT_TRUE(sums["complaint_percent"].is_null());
}

TEST_F(Report, check_says_what_monitoring_must_know) {
  auto ran = ctl({"report", "--check"});
  EXPECT_EQ(ran.status, 3) << "there is no database";
  EXPECT_TRUE(ran.out.starts_with("UNKNOWN: ")) << ran.out;
  ctl({"add", "a@b.example"});
  EXPECT_EQ(ctl({"report", "--check"}).out, "UNKNOWN: nothing was counted yet\n");
  learn(200, 2);
  ran = ctl({"report", "--check"});
  EXPECT_EQ(ran.out, "UNKNOWN: suppressd has not run with this database\n");
  EXPECT_EQ(ran.status, 3);
  look();
  ran = ctl({"report", "--check"});
  EXPECT_EQ(ran.out, "OK: no rate is over its limit\n");
  EXPECT_EQ(ran.status, 0);
  learn(400, 20);
  ran = ctl({"report", "--check"});
  EXPECT_EQ(ran.out,
            "WARNING: hard failures of sender-domain example.test: 3.7 % (22 of 600) in 1d (and 2 other "
            "alerts)\n");
  EXPECT_EQ(ran.status, 1);
  learn(400, 100);
  ran = ctl({"report", "--check"});
  EXPECT_TRUE(ran.out.starts_with("CRITICAL: hard failures of ")) << ran.out;
  EXPECT_EQ(ran.status, 2);
  look(45);
  EXPECT_TRUE(says(ctl({"report", "--check"}), "UNKNOWN: suppressd has not looked at its alerts since "));
  look(1, 2 * 24 * 60);
  EXPECT_TRUE(says(ctl({"report", "--check"}), "UNKNOWN: no log line is newer than "));
}

TEST_F(Report, alerts_are_listed_open_ones_first) {
  EXPECT_EQ(ctl({"alerts"}).status, 2) << "there is no database";
  learn(400, 40);
  sql("UPDATE alert SET closed = unixepoch() WHERE dimension = 'provider'");
  auto ran = ctl({"alerts"});
  EXPECT_EQ(ran.status, 0);
  ASSERT_EQ(ran.lines().size(), 4U) << ran.out;
  EXPECT_TRUE(ran.lines()[3].find(" closed ") != std::string::npos) << ran.out;
  EXPECT_EQ(ctl({"--json", "alerts", "--open"}).objects().size(), 2U);
  const auto alert = ctl({"--json", "alerts"}).objects().at(0);
  EXPECT_EQ(alert["state"], "open");
  EXPECT_EQ(alert["percent"], 10.0);
  EXPECT_EQ(alert["within"], "1d");
  EXPECT_TRUE(alert["closed"].is_null());
  sql("DELETE FROM alert");
  EXPECT_EQ(ctl({"alerts", "--open"}).out, "no open alert\n");
}

TEST_F(Report, new_alerts_are_mailed_once) {
  learn(400, 40);
  const auto program = sendmail("echo \"$@\" >" + path("arguments") + "; cat >" + path("mail"));
  auto ran = ctl({"alerts", "--mail", "ops@example.org", "--sendmail", program});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "mailed 3 alerts to ops@example.org\n");
  EXPECT_EQ(content("arguments"), "-i -f <> -- ops@example.org\n")
      << "the milter never refuses the null sender";
  const auto mail = content("mail");
  EXPECT_NE(mail.find("\nTo: <ops@example.org>\nSubject: suppressd on "), std::string::npos) << mail;
  EXPECT_NE(mail.find("\n\ncritical: hard failures of "), std::string::npos) << mail;
  std::filesystem::remove(path("mail"));
  ran = ctl({"alerts", "--mail", "ops@example.org", "--sendmail", program});
  EXPECT_EQ(ran.out, "");
  EXPECT_FALSE(std::filesystem::exists(path("mail"))) << "there is nothing new";
  EXPECT_EQ(ctl({"alerts", "--new"}).out, "no new alert\n");
}

TEST_F(Report, an_alert_that_the_mta_did_not_take_is_mailed_next_time) {
  learn(400, 40);
  auto ran = ctl({"alerts", "--mail", "ops@example.org", "--sendmail", sendmail("exit 75")});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("did not take the mail: exit status 75"), std::string::npos) << ran.err;
  ran = ctl({"alerts", "--mail", "ops@example.org", "--sendmail", path("nothing")});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ctl({"--json", "alerts", "--new"}).objects().size(), 3U);
}

TEST_F(Report, an_alert_of_an_old_log_that_was_over_long_ago_is_not_mailed) {
  learn(400, 40, 24 * 60);
  learn(400, 0, 2);
  EXPECT_EQ(ctl({"--json", "alerts"}).objects().size(), 3U);
  EXPECT_EQ(ctl({"--json", "alerts", "--open"}).objects().size(), 0U);
  sql("UPDATE alert SET closed = unixepoch() - 90000");
  EXPECT_EQ(ctl({"--json", "alerts", "--new"}).objects().size(), 0U);
}

TEST_F(Report, a_campaign_is_judged_by_its_life_and_lost_tags_are_shown) {
  learn(1, 0);
  sql("INSERT INTO rate VALUES ('campaign', 'summer', unixepoch() / 86400 * 86400 - 20 * 86400, 900, 800, "
      "100, 0, "
      "0, 0, 0, 0, 0, 0), ('campaign', 'old', unixepoch() / 86400 * 86400 - 40 * 86400, 900, 800, 100, 0, 0, "
      "0, 0, "
      "0, 0, 0), ('campaign', 'liked', unixepoch() / 86400 * 86400, 1000, 1000, 0, 0, 0, 0, 0, 0, 5, 0)");
  const auto ran = ctl({"report", "--by", "campaign", "--since", "60d"});
  EXPECT_TRUE(says(ran, "critical  hard failures of campaign summer: 11.1 % (100 of 900) in 30d")) << ran.out;
  EXPECT_FALSE(says(ran, "campaign old")) << ran.out;
  EXPECT_TRUE(says(ran, "complaints of campaign liked: 0.50 % (5 of 1000) in 30d")) << ran.out;
  EXPECT_FALSE(says(ran, "lost")) << ran.out;
  sql("INSERT INTO meta VALUES ('tags_lost', 3), ('tags_unnoted', 1)");
  EXPECT_TRUE(
      says(ctl({"report", "--by", "campaign"}),
           "tags were lost: 3 notes came to no message in the log, and at most 1 message entered when "
           "suppressd was killed"));
  const auto json = ctl({"--json", "report", "--by", "account"}).objects().back();
  EXPECT_EQ(json["record"], "lost-tags");
  EXPECT_EQ(json["notes"], 3);
  EXPECT_EQ(json["messages"], 1);
  EXPECT_FALSE(says(ctl({"report"}), "lost"));
}

TEST_F(Report, the_alert_mail_is_bounded_and_no_name_writes_its_subject) {
  learn(1, 0);
  const auto program = sendmail("cat > " + path("mail"));
  sql("INSERT INTO alert(dimension, name, what, level, opened, within, events, sends) VALUES ('campaign', "
      "'=?utf-8?B?QnV5?=' || char(10) || 'Bcc: x' || char(233), 'hard', 'critical', unixepoch(), 86400, 50, "
      "500)");
  ASSERT_EQ(ctl({"alerts", "--mail", "ops@example.test", "--sendmail", program}).status, 0);
  const auto one = content("mail");
  const auto subject =
      one.substr(one.find("Subject: "), one.find("\nAuto-Submitted") - one.find("Subject: "));
  EXPECT_EQ(subject.find("=?"), std::string::npos) << subject;
  EXPECT_EQ(subject.find('\n'), std::string::npos) << subject;
  EXPECT_NE(subject.find("critical: hard failures of campaign ??utf-8?B?QnV5?="), std::string::npos)
      << subject;
  EXPECT_LE(subject.size(), 300U);
  EXPECT_EQ(one.find("\nBcc:"), std::string::npos) << one;

  sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO "
      "alert(dimension, "
      "name, what, level, opened, within, events, sends) SELECT 'sender-domain', i || hex(zeroblob(5000)), "
      "'hard', "
      "'critical', unixepoch(), 86400, 50, 500 FROM n");
  ASSERT_EQ(ctl({"alerts", "--mail", "ops@example.test", "--sendmail", program}).status, 0);
  const auto many = content("mail");
  EXPECT_LT(many.size(), 200'000U);
  EXPECT_NE(many.find("and 800 more"), std::string::npos);
  EXPECT_TRUE(says(ctl({"alerts", "--new"}), "no new alert"));
}

}  // namespace
}  // namespace suppressd::ctl
