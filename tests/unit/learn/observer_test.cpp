#include "observer.h"

#include <gtest/gtest.h>

#include "suppressd/config/rules_file.h"

namespace suppressd {
namespace {

// As after a change from a file, in which rsyslog writes full names, to the journal.
TEST(Observer, a_message_that_ends_under_another_name_of_this_machine_is_not_another_message) {
  LearnSettings config;
  config.local_relays_default = false;
  config.timezone = "UTC";
  const auto rules = load_rules({}, config.actions);
  ASSERT_TRUE(rules);
  Observer reader(config, *rules, OwnHost{"sm1", "sm1.sender.example"});
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
    const auto observed = reader.observe(batch);
    EXPECT_TRUE(observed);
    if (!observed || observed->outcomes.empty()) return std::string{};
    const auto& outcome = observed->outcomes.front();
    return outcome.message.host + " " + outcome.sender;
  };
  EXPECT_EQ(read("sm1.sender.example", "sm1"), "sm1 news@x.example");
  EXPECT_EQ(read("sm1", "sm1.sender.example"), "sm1 news@x.example");
  EXPECT_EQ(read("sm1.a.example", "sm1.b.example"), "sm1.b.example ") << "two other hosts are two";
}

TEST(Observer, old_state_is_dropped_once_for_each_day_wherever_the_log_is_cut) {
  LearnSettings config;
  config.timezone = "UTC";
  const auto rules = load_rules({}, config.actions);
  ASSERT_TRUE(rules);
  Observer reader(config, *rules, OwnHost{"mta", "mta"});
  const auto sweeps = [&](const std::vector<std::string>& times, Cursor cursor = {}) {
    std::vector<std::string> lines;
    for (const auto& time : times) lines.push_back(time + "+00:00 mta postfix/qmgr[1]: 4XA10001: removed");
    Source::Batch batch;
    batch.cursor = std::move(cursor);
    for (const auto& line : lines) batch.records.push_back({.line = line});
    batch.reference = from_unix(1'790'000'000);
    auto observed = reader.observe(batch);
    EXPECT_TRUE(observed);
    std::string told;
    for (const auto& sweep : observed->sweeps) told += format_date(sweep.at) + " ";
    return std::pair(told, observed->cursor);
  };
  const auto [first, cursor] = sweeps({"2026-09-01T10:00:00", "2026-09-01T23:59:59", "2026-09-02T00:00:00"});
  EXPECT_EQ(first, "2026-09-01 2026-09-02 ");
  EXPECT_EQ(sweeps({"2026-09-02T12:00:00", "2026-09-02T13:00:00"}, cursor).first, "");
  EXPECT_EQ(sweeps({"2027-09-02T12:00:00", "2026-09-02T13:00:00", "2026-09-03T00:00:00"}, cursor).first,
            "2026-09-03 ")
      << "a line from a year ahead puts nothing off";
  EXPECT_EQ(sweeps({"2026-09-01T23:59:59", "2026-09-02T13:00:00", "2026-09-01T23:59:59"}, cursor).first, "")
      << "another host's clock is behind";
  EXPECT_EQ(sweeps({"2026-09-02T12:00:00"}).first, "2026-09-02 ") << "as another stream";
}

}  // namespace
}  // namespace suppressd
