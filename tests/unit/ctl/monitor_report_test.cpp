#include <algorithm>

#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class MonitorReport : public CtlTest {
 protected:
  void SetUp() override {
    ctl({"add", "manual@b.example"});  // makes the database
    sql("UPDATE meta SET value = 'monitor' WHERE name = 'milter.mode'");
  }
  void would_refuse(const std::string& address, int seconds_ago, const std::string& kind = "hard",
                    const std::string& outcome = "monitored") {
    sql("INSERT INTO refusal(at, address, sender, queue_id, client, kind, category, ref, outcome) VALUES "
        "(unixepoch() - " +
        std::to_string(seconds_ago) + ", '" + address + "', 'x@y.example', '4Q', '192.0.2.1', '" + kind +
        "', 'bad-mailbox', 'REF', '" + outcome + "')");
  }
  void delivered(const std::string& address, int seconds_ago) {
    sql("INSERT OR REPLACE INTO recipient(address, last_delivery) VALUES ('" + address + "', unixepoch() - " +
        std::to_string(seconds_ago) + ")");
  }
  nlohmann::json page(const std::string& since = "7d") {
    return ctl({"--json", "report", "--monitor", "--since", since}).objects().at(0);
  }
};

TEST_F(MonitorReport, counts_who_took_mail_after_the_first_refusal_and_no_one_else) {
  would_refuse("alive@b.example", 5000);
  would_refuse("alive@b.example", 100);
  delivered("alive@b.example", 1000);
  would_refuse("earlier@b.example", 1000, "soft");
  delivered("earlier@b.example", 2000);
  would_refuse("dead@b.example", 1000);
  would_refuse("refused@b.example", 1000, "hard", "refused");
  delivered("refused@b.example", 10);
  would_refuse("old@b.example", 86400 * 8);
  delivered("old@b.example", 10);
  const auto week = page();
  EXPECT_EQ(week["recipients"], 4);
  EXPECT_EQ(week["addresses"], 3);
  EXPECT_EQ(week["delivered_later"], 1);
  EXPECT_EQ(week["delivered"].at(0)["address"], "alive@b.example");
  EXPECT_EQ(week["delivered"].at(0)["recipients"], 2);
  EXPECT_EQ(week["kinds"].at(0)["kind"], "hard");
  EXPECT_EQ(week["kinds"].at(0)["recipients"], 3);
  EXPECT_EQ(page("9d")["delivered_later"], 2);
}

TEST_F(MonitorReport, is_one_page_however_much_there_is) {
  for (int i = 0; i < 30; ++i) {
    const auto address = "reader" + std::to_string(i) + std::string(60, 'x') + "@b.example";
    would_refuse(address, 5000, i % 2 == 0 ? "hard" : "complaint");
    delivered(address, 100);
  }
  sql("INSERT INTO incident(provider, since, opened, last, sends, failed) "
      "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20) "
      "SELECT 'provider' || i || '.a-long-name-of-a-provider.example', unixepoch() - 3600, unixepoch() - "
      "3000, "
      "unixepoch(), 100, 50 FROM n");
  sql("INSERT INTO rate WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20) "
      "SELECT "
      "'sender-domain', 'shop' || i || '.example', unixepoch() / 3600 * 3600, 1000, 800, 100, 0, 100, 0, 0, "
      "0, 0, 0 "
      "FROM n");
  const auto ran = ctl({"report", "--monitor"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  const auto lines = ran.lines();
  EXPECT_GT(lines.size(), 40U) << ran.out;
  EXPECT_LE(lines.size(), 60U) << ran.out;
  for (const auto& line : lines)
    EXPECT_TRUE(line.size() <= 80U || line.starts_with("  suppressctl show ")) << line;
  EXPECT_NE(ran.out.find("(5 more: --json shows them)"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("of 20000 sends"), std::string::npos) << ran.out;
}

TEST_F(MonitorReport, says_what_to_do_next) {
  const auto quiet = page();
  EXPECT_EQ(quiet["next"].size(), 2U) << quiet["next"];
  would_refuse("alive@b.example", 5000);
  delivered("alive@b.example", 100);
  sql("INSERT INTO incident(provider, since, opened, closed, last, sends, failed) VALUES ('p.example', "
      "unixepoch() - 3600, unixepoch() - 3000, unixepoch() - 2000, unixepoch() - 2000, 100, 50)");
  sql("UPDATE suppression SET state = 'pending'");
  const auto next = page()["next"];
  EXPECT_EQ(next.at(0), "suppressctl show alive@b.example");
  EXPECT_EQ(next.at(1), "suppressctl incidents show 1");
  EXPECT_EQ(next.at(2), "suppressctl list --pending");
}

TEST_F(MonitorReport, without_monitor_mode_there_is_nothing_to_report) {
  sql("UPDATE meta SET value = 'enforce' WHERE name = 'milter.mode'");
  const auto ran = ctl({"report", "--monitor"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.out.find("does not run in monitor mode"), std::string::npos) << ran.out;
  EXPECT_EQ(ctl({"report", "--monitor", "--check"}).status, 2);
}

}  // namespace
}  // namespace suppressd::ctl
