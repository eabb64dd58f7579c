#include "suppressd/learn/log_reader.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "suppressd/config/rules_file.h"

namespace suppressd {
namespace {

// A filter takes the more addresses for known the more it knows: also those whose deliveries were gathered
// before.
TEST(LogReader, an_address_that_is_taken_for_known_later_is_gathered_no_more) {
  LearnSettings config;
  config.local_relays_default = false;
  config.timezone = "UTC";
  const auto rules = load_rules({}, config.actions);
  ASSERT_TRUE(rules);
  LogReader reader(config, *rules);
  reader.gather(HistoryFilter(1));  // of which a hundred are far too many

  std::vector<std::string> lines;
  const auto attempt = [&](int at, const std::string& address, const std::string& fate) {
    const auto id = "4XA" + std::to_string(10000 + at);
    const auto time = format_time(from_unix(1'788'000'000 + at));
    lines.push_back(time + " mta postfix/cleanup[1]: " + id + ": message-id=<" + id + "@x>");
    lines.push_back(time + " mta postfix/qmgr[1]: " + id +
                    ": from=<news@x.example>, size=1, nrcpt=1 (queue active)");
    lines.push_back(time + " mta postfix/smtp[1]: " + id + ": to=<" + address +
                    ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, " + fate);
    lines.push_back(time + " mta postfix/qmgr[1]: " + id + ": removed");
  };
  std::map<std::string, Time> delivered;
  for (int i = 0; i < 400; ++i) {
    const auto good = "good" + std::to_string(i % 100) + "@b.example";
    attempt(2 * i, good, "dsn=2.0.0, status=sent (250 2.0.0 Ok)");
    delivered[good] = from_unix(1'788'000'000 + 2 * i);
    if (i % 4 == 0)
      attempt(2 * i + 1, "dead" + std::to_string(i) + "@b.example",
              "dsn=5.1.1, status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in "
              "reply to RCPT TO command))");
  }
  Source::Batch batch;
  for (const auto& line : lines) batch.records.push_back({.line = line});
  batch.reference = from_unix(1'790'000'000);
  Lesson lesson;
  ASSERT_TRUE(reader.read(batch, lesson));

  std::map<std::string, Time> told;
  for (Lesson::Reader step(lesson); step.next();)
    if (step.kind() == Lesson::Kind::outcome && step.outcome().kind == Outcome::Kind::delivered)
      told[step.outcome().evidence.address] = step.outcome().evidence.at;
  EXPECT_FALSE(told.empty()) << "the filter has taken nobody for known";
  auto gathered = reader.take_gathered();
  const auto sorted = gathered.take_sorted();
  EXPECT_GT(sorted.size(), 0U) << "the filter has taken everybody for known";
  for (SortedDeliveries::Reader rows(sorted); rows.next();) {
    const std::string address(rows.row().address);
    EXPECT_FALSE(told.contains(address)) << address << " stands in both places";
    told[address] = rows.row().at;
  }
  EXPECT_EQ(told, delivered);
}

// As after a change from a file, in which rsyslog writes full names, to the journal.
TEST(LogReader, a_message_that_ends_under_another_name_of_this_machine_is_not_another_message) {
  LearnSettings config;
  config.local_relays_default = false;
  config.timezone = "UTC";
  const auto rules = load_rules({}, config.actions);
  ASSERT_TRUE(rules);
  LogReader reader(config, *rules, OwnHost{"sm1", "sm1.sender.example"});
  const auto read = [&](const std::string& begun, const std::string& ended) {
    const std::vector<std::string> lines = {
        "2026-09-01T10:00:00+00:00 " + begun +
            " postfix/qmgr[1]: 4XA10001: from=<news@x.example>, size=1, nrcpt=1 (queue active)",
        "2026-09-01T10:00:05+00:00 " + ended +
            " postfix/smtp[1]: 4XA10001: to=<dead@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, "
            "delays=0/0/1/0, dsn=5.1.1, "
            "status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT "
            "TO command))",
        "2026-09-01T10:00:05+00:00 " + ended + " postfix/qmgr[1]: 4XA10001: removed"};
    Source::Batch batch;
    for (const auto& line : lines) batch.records.push_back({.line = line});
    batch.reference = from_unix(1'790'000'000);
    Lesson lesson;
    EXPECT_TRUE(reader.read(batch, lesson));
    for (Lesson::Reader step(lesson); step.next();)
      if (step.kind() == Lesson::Kind::outcome)
        return step.outcome().evidence.host + " " + step.outcome().evidence.sender;
    return std::string{};
  };
  EXPECT_EQ(read("sm1.sender.example", "sm1"), "sm1 news@x.example");
  EXPECT_EQ(read("sm1", "sm1.sender.example"), "sm1 news@x.example");
  EXPECT_EQ(read("sm1.a.example", "sm1.b.example"), "sm1.b.example ") << "two other hosts are two";
}

}  // namespace
}  // namespace suppressd
