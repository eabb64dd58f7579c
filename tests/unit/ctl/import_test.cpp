#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class Import : public CtlTest {
 protected:
  void SetUp() override { ctl({"add", "a@b.example"}); }  // makes the database

  Ran import(const std::string& text, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"import", "--postmaster", write("rates", text)};
    words.insert(words.end(), more.begin(), more.end());
    return ctl(words);
  }
  /// In the order of the dump, without what all lines have in common.
  std::string stored() {
    std::string rows;
    for (const auto& line : ctl({"--json", "dump"}).objects())
      if (line["table"] == "spam_rate")
        rows += line["domain"].get<std::string>() + " " + line["day"].get<std::string>().substr(0, 10) + " " +
                line["per_million"].dump() + "\n";
    return rows;
  }
};

TEST_F(Import, what_the_api_lists_is_stored_and_again_harmlessly) {
  const std::string list =
      R"({"trafficStats": [
        {"name": "domains/Shop.example/trafficStats/20261101", "userReportedSpamRatio": 0.0035,
         "domainReputation": "HIGH"},
        {"name": "domains/shop.example/trafficStats/20261102", "userReportedSpamRatio": 1e-3},
        {"name": "domains/shop.example/trafficStats/20261103", "domainReputation": "HIGH"}],
        "nextPageToken": "x"})";
  for (int time = 0; time < 2; ++time) {
    const auto ran = import(list);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(has(ran.out, "2 days stored, 1 without a rate")) << ran.out;
    EXPECT_EQ(stored(), "shop.example 2026-11-01 3500\nshop.example 2026-11-02 1000\n");
  }
  import(R"({"name": "domains/shop.example/trafficStats/20261102", "userReportedSpamRatio": 0})");
  EXPECT_EQ(stored(), "shop.example 2026-11-01 3500\nshop.example 2026-11-02 0\n") << "one day, newly known";
}

TEST_F(Import, csv_has_shares_or_percentages) {
  EXPECT_EQ(import("date,spam rate\n2026-11-01,0.0012\n20261102,\"0.3%\"\n2026-11-03,\n",
                   {"--domain", "Shop.Example"})
                .status,
            0);
  EXPECT_EQ(stored(), "shop.example 2026-11-01 1200\nshop.example 2026-11-02 3000\n");
  import(
      "\xef\xbb\xbf"
      "Domain;Day;User-reported spam (%)\r\nnews.example;2026-11-01;0.25\r\n");
  EXPECT_TRUE(has(stored(), "news.example 2026-11-01 2500\n")) << stored();
}

TEST_F(Import, bad_lines_are_named_and_the_others_are_stored) {
  const auto ran = import(
      "date,rate\n2026-11-01,0.1%\nyesterday,0.1%\n2026-13-01,0.1%\n2026-11-02,much\n"
      "2026-11-03,1.5\n2026-11-04,-1%\n2026-11-05,nan\n2026-11-06,0.2%\n",
      {"--domain", "shop.example"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(stored(), "shop.example 2026-11-01 1000\nshop.example 2026-11-06 2000\n");
  for (const auto* said : {"rates:3: no date such as 2026-11-01: \"yesterday\"", "rates:4: no date",
                           "rates:5: no rate such as 0.0012 or 0.12%: \"much\"", "rates:6: no rate",
                           "rates:7: no rate", "rates:8: no rate"})
    EXPECT_TRUE(has(ran.err, said)) << said << "\n" << ran.err;
  const auto json = import(R"([{"name": "domains/x/20261101", "userReportedSpamRatio": 0.1}, 7,
    {"name": "domains/a.example/trafficStats/20261101", "userReportedSpamRatio": "high"}])");
  EXPECT_EQ(json.status, 1);
  EXPECT_TRUE(has(json.err, "rates:1: no name") && has(json.err, "rates:2: no name") &&
              has(json.err, "rates:3: userReportedSpamRatio is no number"))
      << json.err;
}

TEST_F(Import, what_is_no_such_file_is_an_error) {
  EXPECT_TRUE(has(import("hello\n").err, "neither JSON"));
  EXPECT_TRUE(has(import("{\"trafficStats\": [").err, "damaged"));
  EXPECT_TRUE(has(import("").err, "empty"));
  EXPECT_TRUE(has(import("date,rate\n2026-11-01,0.1\n").err, "--domain"));
  EXPECT_EQ(ctl({"import", "--postmaster", path("missing")}).status, 2);
  EXPECT_EQ(ctl({"import"}).status, 2);
}

TEST_F(Import, a_rate_over_the_limits_of_complaints_is_an_alert_in_the_report) {
  // Days of this week; the daemon has looked, and the log is new.
  sql("INSERT INTO spam_rate SELECT 'shop.example', unixepoch() / 86400 * 86400 - 86400, 3000");
  sql("INSERT INTO spam_rate SELECT 'news.example', unixepoch() / 86400 * 86400 - 86400, 1000");
  sql("INSERT INTO spam_rate SELECT 'news.example', unixepoch() / 86400 * 86400 - 2 * 86400, 9000");
  sql("INSERT INTO spam_rate SELECT 'good.example', unixepoch() / 86400 * 86400 - 86400, 999");
  sql("INSERT INTO spam_rate SELECT 'old.example', unixepoch() / 86400 * 86400 - 9 * 86400, 9000");
  const auto text = ctl({"report"}).out;
  EXPECT_TRUE(has(text, "critical  spam rate of shop.example at Gmail: 0.30 % on ")) << text;
  EXPECT_TRUE(has(text, "warning   spam rate of news.example at Gmail: 0.10 % on ")) << text;
  EXPECT_TRUE(has(text, "          spam rate of good.example at Gmail: 0.10 % on ")) << text;
  EXPECT_FALSE(has(text, "old.example")) << text;
  const auto rows = ctl({"--json", "report"}).objects();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0]["record"], "spam-rate");
  EXPECT_EQ(rows[0]["level"], "critical");
  sql("INSERT INTO rate VALUES ('sender-domain', 'x', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
  sql("INSERT OR REPLACE INTO meta VALUES ('rate.looked', unixepoch())");
  sql("INSERT INTO cursor(kind, source, first_line, offset, digest, position, last_time, zone, saved) VALUES "
      "('file', 'x', '', 0, '', '', unixepoch(), '', 1)");
  const auto check = ctl({"report", "--check"});
  EXPECT_EQ(check.status, 2) << check.out;
  EXPECT_TRUE(has(check.out, "CRITICAL: spam rate of shop.example")) << check.out;
  sql("DELETE FROM spam_rate WHERE domain = 'shop.example'");
  EXPECT_EQ(ctl({"report", "--check"}).status, 1);
}

}  // namespace
}  // namespace suppressd::ctl
