#include "suppressd/base/time_zone.h"

#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

/// Seconds of a UTC calendar time.
std::int64_t at(int year, int month, int day, int hour, int minute = 0) {
  const auto date = std::chrono::sys_days{std::chrono::year{year} / month / day};
  return to_unix(date + std::chrono::hours(hour) + std::chrono::minutes(minute));
}

TimeZone zone_of(const char* name) {
  auto zone = TimeZone::load(name);
  EXPECT_TRUE(zone) << (zone ? "" : zone.error().message);
  return zone.value();
}

/// Restores TZ when the test ends.
class ProcessZone {
 public:
  ProcessZone() : had_(std::getenv("TZ") != nullptr), before_(had_ ? std::getenv("TZ") : "") {}
  ~ProcessZone() {
    had_ ? setenv("TZ", before_.c_str(), 1) : unsetenv("TZ");
    tzset();
  }
  void set(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }

 private:
  bool had_;
  std::string before_;
};

TEST(TimeZone, AgreesWithTheCLibraryAtEveryHourOfManyYears) {
  ProcessZone process;
  for (const char* name : {"Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
                           "Asia/Kolkata", "Africa/Casablanca", "Europe/Dublin", "America/Sao_Paulo",
                           "Pacific/Apia", "Antarctica/Troll", "UTC"}) {
    const TimeZone zone = zone_of(name);
    process.set(name);
    // Steps of 61 hours and a bit meet every hour of the day and every season.
    for (std::int64_t unix_time = at(1985, 1, 1, 0); unix_time < at(2035, 1, 1, 0);
         unix_time += 61 * 3600 + 7) {
      const time_t seconds = unix_time;
      tm parts{};
      localtime_r(&seconds, &parts);
      const std::int64_t local = unix_time + parts.tm_gmtoff;
      const TimeZone::Meaning meaning = zone.meaning_of(local);
      ASSERT_TRUE(to_unix(meaning.first) == unix_time || to_unix(meaning.second) == unix_time)
          << name << ' ' << unix_time << " local " << local << " read as " << to_unix(meaning.first) << " or "
          << to_unix(meaning.second);
    }
  }
}

TEST(TimeZone, ATimeThatExistsTwiceHasBothMeanings) {
  const TimeZone::Meaning meaning = zone_of("Europe/Berlin").meaning_of(at(2026, 10, 25, 2, 30));
  EXPECT_EQ(to_unix(meaning.first), at(2026, 10, 25, 0, 30));
  EXPECT_EQ(to_unix(meaning.second), at(2026, 10, 25, 1, 30));
}

TEST(TimeZone, ASkippedTimeIsReadWithTheOldOffset) {
  const TimeZone::Meaning meaning = zone_of("Europe/Berlin").meaning_of(at(2026, 3, 29, 2, 30));
  EXPECT_EQ(to_unix(meaning.first), at(2026, 3, 29, 1, 30));
  EXPECT_EQ(meaning.first, meaning.second);
}

TEST(TimeZone, TheRuleForTheFutureHoldsAfterTheLastTransition) {
  const TimeZone berlin = zone_of("Europe/Berlin");
  EXPECT_EQ(to_unix(berlin.meaning_of(at(2101, 7, 1, 12)).first), at(2101, 7, 1, 10));
  EXPECT_EQ(to_unix(berlin.meaning_of(at(2101, 12, 1, 12)).first), at(2101, 12, 1, 11));
}

TEST(TimeZone, AnUnknownNameIsAnErrorThatShowsAValidOne) {
  for (const char* name :
       {"Europe/Berln", "../../etc/passwd", "/etc/localtime", "CET 1", "Europe/../../../etc/hostname"}) {
    const auto zone = TimeZone::load(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_NE(zone.error().message.find("Europe/Berlin"), std::string::npos) << zone.error().message;
  }
}

TEST(TimeZone, AFileThatIsNotAZoneFileIsAnErrorEachTime) {
  EXPECT_FALSE(TimeZone::load("tzdata.zi"));
  EXPECT_FALSE(TimeZone::load("tzdata.zi"));
  EXPECT_FALSE(TimeZone::load("Europe"));
}

TEST(TimeZone, TheEnvironmentDoesNotMatter) {
  setenv("TZDIR", "/nonexistent", 1);
  const auto zone = TimeZone::load("Asia/Kolkata");
  unsetenv("TZDIR");
  ASSERT_TRUE(zone);
  EXPECT_EQ(to_unix(zone->meaning_of(at(2026, 1, 1, 12)).first), at(2026, 1, 1, 6, 30));
}

TEST(TimeZone, ASkippedDayIsReadWithTheOldOffset) {
  // Samoa left out 30 December 2011.
  const TimeZone::Meaning meaning = zone_of("Pacific/Apia").meaning_of(at(2011, 12, 30, 12));
  EXPECT_EQ(to_unix(meaning.first), at(2011, 12, 30, 22));
  EXPECT_EQ(meaning.first, meaning.second);
}

TEST(TimeZone, ATimeLongBeforeOrAfterAllRulesHasAMeaning) {
  const TimeZone berlin = zone_of("Europe/Berlin");
  EXPECT_LT(berlin.meaning_of(at(1, 1, 1, 0)).first, berlin.meaning_of(at(1800, 1, 1, 0)).first);
  EXPECT_EQ(to_unix(berlin.meaning_of(at(9999, 7, 1, 12)).first), at(9999, 7, 1, 10));
}

}  // namespace
}  // namespace suppressd
