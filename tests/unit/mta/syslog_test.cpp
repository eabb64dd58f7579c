#include "syslog.h"

#include <cstdio>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "suppressd/mta/log_line.h"

namespace suppressd {
namespace {

LineClock utc_clock() {
  return LineClock::make("UTC", parse_time("2026-11-21").value(), std::nullopt).value();
}

/// `TIME|HOST|TAG|MESSAGE`, or `none`.
std::string header(std::string_view line) {
  LineClock clock = utc_clock();
  const auto entry = parse_log_line(line, clock);
  if (!entry) return "none";
  std::string text = format_time(entry->at);
  for (const std::string_view part : {entry->host, entry->tag, entry->message}) text.append("|").append(part);
  return text;
}

TEST(Syslog, ReadsRfc3164InEveryPadding) {
  const std::string wanted = "2026-11-01T22:58:55Z|mta|postfix/smtp|hello";
  EXPECT_EQ(header("Nov  1 22:58:55 mta postfix/smtp[7]: hello"), wanted);
  EXPECT_EQ(header("Nov 01 22:58:55 mta postfix/smtp[7]: hello"), wanted);
  EXPECT_EQ(header("Nov 1 22:58:55 mta postfix/smtp[7]: hello"), wanted);
  EXPECT_EQ(header("<22>Nov  1 22:58:55 mta postfix/smtp: hello\r\n"), wanted);
  EXPECT_EQ(header("Nov  1 2026 22:58:55 mta postfix/smtp[7]: hello"), wanted);
}

TEST(Syslog, AHostMayBeMissing) {
  EXPECT_EQ(header("<22>Nov  1 22:58:55 sendmail[7]: hello: world"),
            "2026-11-01T22:58:55Z||sendmail|hello: world");
}

TEST(Syslog, ReadsIso8601WithAnyZone) {
  EXPECT_EQ(header("2026-11-01T22:58:55.123456+01:00 mta sm-mta[7]: x"), "2026-11-01T21:58:55Z|mta|sm-mta|x");
  EXPECT_EQ(header("2026-11-01T22:58:55Z mta sm-mta[7]: x"), "2026-11-01T22:58:55Z|mta|sm-mta|x");
  EXPECT_EQ(header("2026-11-01T22:58:55-0930 mta sm-mta[7]: x"), "2026-11-02T08:28:55Z|mta|sm-mta|x");
  EXPECT_EQ(header("2026-11-01 22:58:55 +0100 mta sm-mta[7]: x"), "2026-11-01T21:58:55Z|mta|sm-mta|x");
  EXPECT_EQ(header("2026-11-01 22:58:55 -1 sm-mta[7]: x"), "2026-11-01T22:58:55Z|-1|sm-mta|x");
  EXPECT_EQ(header("2026-11-01T22:58:55 mta sm-mta[7]: x"), "2026-11-01T22:58:55Z|mta|sm-mta|x");
}

TEST(Syslog, ReadsRfc5424WithStructuredData) {
  EXPECT_EQ(header("<22>1 2026-11-01T22:58:55.1Z mta postfix/smtp 7 - - x"),
            "2026-11-01T22:58:55Z|mta|postfix/smtp|x");
  EXPECT_EQ(header("<22>1 2026-11-01T22:58:55.1Z - postfix/smtp 7 - [a@1 b=\"]\\\"\"][c] \xEF\xBB\xBFx"),
            "2026-11-01T22:58:55Z||postfix/smtp|x");
}

TEST(Syslog, ReadsSolarisAndBsdAndAix) {
  EXPECT_EQ(header("Nov  1 22:58:55 mta sendmail[7]: [ID 801593 mail.info] x"),
            "2026-11-01T22:58:55Z|mta|sendmail|x");
  EXPECT_EQ(header("Nov  1 22:58:55 <mail.notice> mta sendmail[7]: x"),
            "2026-11-01T22:58:55Z|mta|sendmail|x");
  EXPECT_EQ(header("Nov  1 22:58:55 mta mail:info sendmail[7]: x"), "2026-11-01T22:58:55Z|mta|sendmail|x");
}

TEST(Syslog, ALineWithoutATimeIsNotALogLine) {
  for (const char* line :
       {"", "<22>", "550 5.1.1 User unknown", "Nov", "Nov 32 00:00:00 a b: c", "Nov  0 00:00:00 a b: c",
        "Nov 1 24:00:00 a b: c", "Nov 1 00:60:00 a b: c", "Nox  1 00:00:00 a b: c",
        "2026-13-01T00:00:00Z a b: c", "2026-11-01T00:00:00+25:00 a b: c", "1 - mta app - - - x",
        "Nov 1 00:00:00x a b: c", "ovN  1 00:00:00 a b: c"}) {
    EXPECT_EQ(header(line), "none") << line;
  }
}

TEST(Syslog, ALineWithATimeButNoProgramHasNoTag) {
  EXPECT_EQ(header("Nov  1 22:58:55 mta last message repeated 2 times"),
            "2026-11-01T22:58:55Z|mta||last message repeated 2 times");
}

TEST(Syslog, ABareReplyIsNotABareLine) {
  for (const char* line : {"550 5.1.1 User unknown", "Error: mailbox full", "5.1.1: no", "User unknown", "",
                           "MAILER: DAEMON", "host: x", "4F1C2A0B01: host mx[1.2.3.4] said: 450 later"}) {
    EXPECT_FALSE(parse_bare_line(line)) << line;
  }
}

TEST(Syslog, ABareLineKeepsItsProgram) {
  const auto entry = parse_bare_line("postfix/smtp[7]: 4F1C2A0B01: to=<a@b.example>, relay=none");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->tag, "postfix/smtp");
  EXPECT_EQ(entry->message, "4F1C2A0B01: to=<a@b.example>, relay=none");
}

TEST(LogLineReader, ContinuesInTheYearOfThePreviousLine) {
  LogLineReader reader(LineClock::make("UTC", parse_time("2026-02-01").value(), std::nullopt).value());
  EXPECT_EQ(format_time(reader.read("Dec 31 23:59:59 a b: c")->at), "2025-12-31T23:59:59Z");
  EXPECT_EQ(format_time(reader.read("Jan  1 00:00:00 a b: c")->at), "2026-01-01T00:00:00Z");
  EXPECT_EQ(format_time(reader.read(R"({"__REALTIME_TIMESTAMP":"1795251602000000","MESSAGE":"x"})")->at),
            "2026-11-21T09:00:02Z");
  EXPECT_EQ(reader.clock().last_time(), from_unix(1795251602));
}

// Lines of one hour share one look-up in calendar and zone. It must give the time that each line's
// own look-up gives.
TEST(Syslog, ALineInTheRememberedHourHasTheSameTimeAsOnItsOwn) {
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto make = [] {
    return LineClock::make("Europe/Berlin", parse_time("2026-12-01").value(), std::nullopt).value();
  };
  LineClock read = make();
  LineClock reckoned = make();
  std::mt19937 dice(1);
  int minute = 0;  // from 25 October 2026, 01:00, on: the hour from 02:00 occurs twice
  for (int i = 0; i < 20000; ++i) {
    if (dice() % 3 == 0) minute = static_cast<int>(dice() % 200);
    const int hour = 1 + minute / 60;
    if (dice() % 50 == 0) {
      ASSERT_TRUE(parse_log_line("2026-10-25T00:30:00Z mta postfix/qmgr[1]: x", read));
      reckoned.note(parse_time("2026-10-25 00:30").value());
      continue;
    }
    const int month = dice() % 100 == 0 ? 1 + static_cast<int>(dice() % 12) : 10;
    char line[64];
    const char* const fraction = dice() % 10 == 0 ? ".5" : "";
    const int second = static_cast<int>(dice() % 61);
    std::snprintf(line, sizeof line, "%s 25 %02d:%02d:%02d%s mta postfix/qmgr[1]: x", kMonths[month - 1],
                  hour, minute % 60, second, fraction);
    const auto entry = parse_log_line(line, read);
    ASSERT_TRUE(entry);
    ASSERT_EQ(entry->at, reckoned.resolve(month, 25, hour, minute % 60, second))
        << line << " after " << i << " lines";
    ASSERT_EQ(entry->host, "mta");
    ASSERT_EQ(read.last_time(), reckoned.last_time());
  }
}

}  // namespace
}  // namespace suppressd
