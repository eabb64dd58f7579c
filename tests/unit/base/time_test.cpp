#include "suppressd/base/time.h"

#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(Duration, reads_what_the_configuration_writes) {
  EXPECT_EQ(*parse_duration("0s"), Duration{0});
  EXPECT_EQ(*parse_duration("90s"), Duration{90});
  EXPECT_EQ(*parse_duration("15m"), Duration{900});
  EXPECT_EQ(*parse_duration("72h"), Duration{72 * 3600});
  EXPECT_EQ(*parse_duration("30d"), Duration{30 * 86400});
  EXPECT_EQ(*parse_duration("36500d"), Duration{36500LL * 86400});
  EXPECT_EQ(*parse_duration("forever"), kForever);
}

TEST(Duration, refuses_other_text_and_shows_what_is_valid) {
  for (const auto* text :
       {"", "5", "s", "-5s", "+5s", "5 s", " 5s", "5s ", "1.5h", "5w", "5H", "Forever", "never", "1h30m",
        "0x5s", "36700d", "99999999999999999999s", "9223372036854775807d"}) {
    const auto result = parse_duration(text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_NE(result.error().message.find("72h"), std::string::npos);
    EXPECT_NE(result.error().message.find('"' + std::string(text) + '"'), std::string::npos);
  }
}

TEST(Duration, writes_the_shortest_text_that_reads_back) {
  const std::vector<std::pair<std::int64_t, std::string>> cases{
      {0, "0s"},     {1, "1s"},     {60, "1m"},        {61, "61s"},        {3600, "1h"},
      {5400, "90m"}, {86400, "1d"}, {72 * 3600, "3d"}, {16 * 3600, "16h"}, {86400 + 1, "86401s"}};
  for (const auto& [seconds, text] : cases) {
    EXPECT_EQ(format_duration(Duration{seconds}), text);
    EXPECT_EQ(*parse_duration(text), Duration{seconds});
  }
  EXPECT_EQ(format_duration(kForever), "forever");
}

TEST(Time, is_written_in_utc) {
  EXPECT_EQ(format_time(from_unix(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(from_unix(1793573935)), "2026-11-01T22:58:55Z");
  EXPECT_EQ(format_date(from_unix(1793573935)), "2026-11-01");
  EXPECT_EQ(format_time(from_unix(-1)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(format_time(from_unix(253402300799)), "9999-12-31T23:59:59Z");
}

TEST(Time, reads_what_a_person_types) {
  const auto read = [](std::string_view text) {
    const auto time = parse_time(text);
    return time ? format_time(*time) : time.error().message;
  };
  EXPECT_EQ(read("2026-11-01"), "2026-11-01T00:00:00Z");
  EXPECT_EQ(read("2026-11-01T22:58"), "2026-11-01T22:58:00Z");
  EXPECT_EQ(read("2026-11-01 22:58:55"), "2026-11-01T22:58:55Z");
  EXPECT_EQ(read("2026-11-01T22:58:55Z"), "2026-11-01T22:58:55Z");
  EXPECT_EQ(read("2026-11-01Z"), "2026-11-01T00:00:00Z");
  EXPECT_EQ(read("2026-11-01T22:58:55+01:00"), "2026-11-01T21:58:55Z");
  EXPECT_EQ(read("2026-11-01T22:58-0530"), "2026-11-02T04:28:00Z");
  EXPECT_EQ(read("2028-02-29"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(read("@1793573935"), "2026-11-01T22:58:55Z");
  EXPECT_EQ(read("@0"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(read(" 2026-11-01\n"), "2026-11-01T00:00:00Z");
}

TEST(Time, reads_back_what_it_writes) {
  for (const std::int64_t seconds : {0LL, 951782400LL, 1793573935LL, 4102444799LL}) {
    EXPECT_EQ(*parse_time(format_time(from_unix(seconds))), from_unix(seconds));
  }
}

TEST(Time, refuses_other_text_and_shows_what_is_valid) {
  for (const auto* text : {"",
                           "yesterday",
                           "2026",
                           "2026-11",
                           "2026-11-1",
                           "2026-13-01",
                           "2026-02-29",
                           "2026-11-31",
                           "2026-00-01",
                           "2026-11-00",
                           "2026-11-01T",
                           "2026-11-01T22",
                           "2026-11-01T24:00",
                           "2026-11-01T22:60",
                           "2026-11-01T22:58:60",
                           "2026-11-01T22:58:55.5",
                           "2026-11-01T22:58:55+1",
                           "2026-11-01T22:58:55+24:00",
                           "2026-11-01T22:58:55+01:60",
                           "2026-11-01X",
                           "2026-11-01Z+01:00",
                           "01.11.2026",
                           "@",
                           "@x",
                           "@-5",
                           "@17x",
                           "@99999999999999999999",
                           "@253402300800",
                           "1793573935"}) {
    const auto result = parse_time(text);
    ASSERT_FALSE(result.ok()) << text << " became " << format_time(*result);
    EXPECT_NE(result.error().message.find("2026-11-01T22:58:55Z"), std::string::npos);
  }
}

TEST(Time, forever_and_an_overflow_have_no_end) {
  EXPECT_EQ(end_of(from_unix(100), Duration{5}), from_unix(105));
  EXPECT_EQ(end_of(from_unix(100), kForever), std::nullopt);
  EXPECT_EQ(end_of(from_unix(std::numeric_limits<std::int64_t>::max() - 1), Duration{5}), std::nullopt);
}

}  // namespace
}  // namespace suppressd
