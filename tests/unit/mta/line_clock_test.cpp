#include "suppressd/mta/line_clock.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

Time utc(const char* text) {
  return parse_time(text).value();
}

LineClock clock_at(const char* reference, std::optional<Time> last = std::nullopt, const char* zone = "UTC") {
  return LineClock::make(zone, utc(reference), last).value();
}

TEST(LineClock, TheFirstLineGetsTheLatestYearAtMostADayAfterTheReference) {
  EXPECT_EQ(clock_at("2026-11-21").resolve(11, 20, 9, 0, 0), utc("2026-11-20 09:00:00"));
  EXPECT_EQ(clock_at("2026-11-21").resolve(11, 22, 0, 0, 0), utc("2026-11-22"));
  EXPECT_EQ(clock_at("2026-11-21").resolve(11, 22, 0, 0, 1), utc("2025-11-22 00:00:01"));
  EXPECT_EQ(clock_at("2026-12-31T23:30").resolve(1, 1, 0, 10, 0), utc("2027-01-01 00:10:00"));
  EXPECT_EQ(clock_at("2027-01-01T00:10").resolve(12, 31, 23, 50, 0), utc("2026-12-31 23:50:00"));
}

TEST(LineClock, TheYearAdvancesWhenTimeGoesBackByMoreThanAMonth) {
  LineClock clock = clock_at("2026-02-01");
  EXPECT_EQ(clock.resolve(12, 31, 23, 59, 59), utc("2025-12-31 23:59:59"));
  EXPECT_EQ(clock.resolve(1, 1, 0, 0, 0), utc("2026-01-01"));
  EXPECT_EQ(clock.resolve(12, 1, 0, 0, 0), utc("2026-12-01"));
  EXPECT_EQ(clock.resolve(11, 1, 0, 0, 0), utc("2026-11-01"));
  EXPECT_EQ(clock.resolve(10, 1, 0, 0, 0), utc("2027-10-01"));
}

TEST(LineClock, ALateLineOfTheOldYearDoesNotAdvanceTheYear) {
  LineClock clock = clock_at("2026-02-01");
  clock.resolve(12, 31, 23, 59, 59);
  clock.resolve(1, 1, 0, 0, 1);
  EXPECT_EQ(clock.resolve(12, 31, 23, 59, 58), utc("2025-12-31 23:59:58"));
  EXPECT_EQ(clock.last_time(), utc("2026-01-01 00:00:01"));
  EXPECT_EQ(clock.resolve(1, 1, 0, 0, 2), utc("2026-01-01 00:00:02"));
}

TEST(LineClock, AfterARestartTheStoredTimeCountsWhateverTheFilesAge) {
  LineClock clock = clock_at("2026-11-21", utc("2024-12-31 12:00:00"));
  EXPECT_EQ(clock.resolve(12, 31, 12, 0, 1), utc("2024-12-31 12:00:01"));
  EXPECT_EQ(clock.resolve(1, 1, 0, 0, 0), utc("2025-01-01"));
}

TEST(LineClock, ARestartAnywhereGivesTheSameTimes) {
  constexpr int kLines[][5] = {{10, 25, 2, 59, 59},  {10, 25, 2, 0, 0}, {10, 25, 2, 30, 0},
                               {12, 31, 23, 59, 59}, {1, 1, 0, 0, 0},   {3, 29, 3, 0, 0}};
  LineClock whole = clock_at("2026-04-01", std::nullopt, "Europe/Berlin");
  std::optional<Time> stored;
  for (const auto& line : kLines) {
    LineClock restarted = clock_at("2026-04-01", stored, "Europe/Berlin");
    const Time expected = whole.resolve(line[0], line[1], line[2], line[3], line[4]);
    EXPECT_EQ(restarted.resolve(line[0], line[1], line[2], line[3], line[4]), expected);
    stored = restarted.last_time();
  }
}

TEST(LineClock, TheOrderOfLinesDistinguishesTheRepeatedHour) {
  LineClock clock = clock_at("2026-11-21", std::nullopt, "Europe/Berlin");
  EXPECT_EQ(clock.resolve(10, 25, 2, 0, 0), utc("2026-10-25 00:00:00"));
  EXPECT_EQ(clock.resolve(10, 25, 2, 59, 59), utc("2026-10-25 00:59:59"));
  EXPECT_EQ(clock.resolve(10, 25, 2, 59, 58), utc("2026-10-25 00:59:58"));
  EXPECT_EQ(clock.resolve(10, 25, 2, 0, 0), utc("2026-10-25 01:00:00"));
  EXPECT_EQ(clock.resolve(10, 25, 2, 30, 0), utc("2026-10-25 01:30:00"));
  EXPECT_EQ(clock.resolve(10, 25, 2, 59, 59), utc("2026-10-25 01:59:59"));
}

TEST(LineClock, ASkippedTimeIsReadWithTheOldOffset) {
  LineClock clock = clock_at("2026-11-21", std::nullopt, "Europe/Berlin");
  EXPECT_EQ(clock.resolve(3, 29, 1, 59, 59), utc("2026-03-29 00:59:59"));
  EXPECT_EQ(clock.resolve(3, 29, 2, 0, 0), utc("2026-03-29 01:00:00"));
  EXPECT_EQ(clock.resolve(3, 29, 2, 30, 0), utc("2026-03-29 01:30:00"));
  EXPECT_EQ(clock.resolve(3, 29, 3, 30, 0), utc("2026-03-29 01:30:00"));
}

TEST(LineClock, AnHourIsRememberedUnlessClocksChangeWithinIt) {
  LineClock clock = clock_at("2026-11-21", std::nullopt, "Europe/Berlin");
  clock.resolve(10, 25, 1, 59, 59);
  clock.remember_hour("Oct 25 01:59:59 mx");
  EXPECT_EQ(clock.hour_of("Oct 25 01:00:00 mx"), utc("2026-10-24 23:00:00"));
  EXPECT_EQ(clock.hour_of("Oct 25 02:00:00 mx"), std::nullopt);
  EXPECT_EQ(clock.hour_of("Oct 25"), std::nullopt);
  clock.resolve(10, 25, 2, 0, 0);
  clock.remember_hour("Oct 25 02:00:00 mx");
  EXPECT_EQ(clock.hour_of("Oct 25 02:00:00 mx"), std::nullopt);
  clock.resolve(10, 25, 3, 0, 0);
  clock.remember_hour("Oct 25 03:00:00 mx");
  EXPECT_EQ(clock.hour_of("Oct 25 03:30:00 mx"), utc("2026-10-25 02:00:00"));
}

TEST(LineClock, TheProcessesZoneDoesNotMatter) {
  const char* before = std::getenv("TZ");
  const std::string kept = before != nullptr ? before : "";
  setenv("TZ", "Asia/Tokyo", 1);
  EXPECT_EQ(clock_at("2026-11-21", std::nullopt, "America/New_York").resolve(11, 20, 9, 0, 0),
            utc("2026-11-20 14:00:00"));
  before != nullptr ? setenv("TZ", kept.c_str(), 1) : unsetenv("TZ");
}

TEST(LineClock, ALeapDayGetsALeapYear) {
  EXPECT_EQ(clock_at("2026-11-21").resolve(2, 29, 12, 0, 0), utc("2024-02-29 12:00:00"));
  EXPECT_EQ(clock_at("2028-11-21", utc("2027-12-01")).resolve(2, 29, 12, 0, 0), utc("2028-02-29 12:00:00"));
}

TEST(LineClock, ALeapSecondIsTheNextSecond) {
  LineClock clock = clock_at("2026-11-21");
  clock.resolve(6, 30, 23, 59, 59);
  EXPECT_EQ(clock.resolve(6, 30, 23, 59, 60), utc("2026-07-01"));
}

TEST(LineClock, AnUnknownZoneIsAnError) {
  EXPECT_FALSE(LineClock::make("Nowhere/Land", utc("2026-11-21"), std::nullopt));
}

TEST(LineClock, TheSystemsZoneIsTheDefault) {
  EXPECT_TRUE(LineClock::make("", utc("2026-11-21"), std::nullopt));
}

}  // namespace
}  // namespace suppressd
