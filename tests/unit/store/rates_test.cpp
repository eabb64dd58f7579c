// Rows of rates and alerts: adding, windows, days, retention, the dump.
#include <gtest/gtest.h>

#include "suppressd/store/reader.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

class RateRowsTest : public StoreTest {
 protected:
  static constexpr Duration kHour = std::chrono::hours(1);

  void add(const RateKeys& keys, Time entered, const RateCounts& counts, Time days_before = Time::min()) {
    RateTally tally;
    tally.add(keys, Tags{}, entered, counts);
    must(batch_.add_rates(tally.take(), days_before));
  }
  void commit() {
    must(batch_.commit());
    batch_ = must(ledger_.begin());
  }
  std::string ask(const std::string& sql) {
    commit();
    return Shell(path_).ask(sql);
  }
  Reader reader() {
    commit();
    return must(Reader::open(path_));
  }

  const RateKeys one_{.sender_domain = "shop.example", .provider = "google.com"};
  const RateKeys two_{.sender_domain = "shop.example", .provider = "yahoodns.net"};
  const RateName sender_{RateDimension::sender_domain, "shop.example"};
  Ledger ledger_ = open_ledger();
  Batch batch_ = must(ledger_.begin());
};

TEST_F(RateRowsTest, counts_add_up_and_never_fall_below_zero) {
  add(one_, kNow, {.sent = 3, .dead = 2});
  add(one_, kNow, {.dead = -1, .excused = 1});
  EXPECT_EQ(ask("SELECT sent, dead, excused FROM rate WHERE dimension = 'provider'"), "3|1|1");
  add(one_, kNow, {.dead = -5});
  add(two_, kNow, {.dead = -1});
  EXPECT_EQ(ask("SELECT name, dead FROM rate WHERE dimension = 'provider'"), "google.com|0")
      << "what retention has removed is not made again";
}

TEST_F(RateRowsTest, a_window_holds_its_hours_and_no_other) {
  add(one_, kNow - 23 * kHour, {.sent = 1});
  add(one_, kNow - 25 * kHour, {.sent = 10});
  add(one_, kNow - 167 * kHour, {.sent = 100});
  add(one_, kNow - 169 * kHour, {.sent = 1000});
  const auto windows = must(batch_.rate_windows(sender_, kNow));
  EXPECT_EQ(windows[0].counts.sent, 1);
  EXPECT_EQ(windows[1].counts.sent, 111);
}

TEST_F(RateRowsTest, complaints_are_a_share_of_the_deliveries_where_they_are_reported) {
  add(one_, kNow, {.sent = 1000, .delivered = 1000});
  add(two_, kNow, {.sent = 400, .delivered = 400});
  EXPECT_EQ(must(batch_.rate_windows(sender_, kNow))[0].reported, std::nullopt);
  add(two_, kNow - 80 * kDay, {.complaints = 1});
  EXPECT_EQ(must(batch_.rate_windows(sender_, kNow))[0].reported, 400);
  EXPECT_EQ(must(batch_.rate_windows({RateDimension::provider, "yahoodns.net"}, kNow))[1].reported, 400);
  EXPECT_EQ(must(batch_.rate_windows({RateDimension::provider, "google.com"}, kNow))[1].reported,
            std::nullopt);
  EXPECT_EQ(must(batch_.rate_windows(sender_, kNow + 11 * kDay))[1].reported, std::nullopt) << "91 days ago";
  auto rows = must(reader().rates(RateDimension::sender_domain, kNow - kDay));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].sums.reported, 400);
}

TEST_F(RateRowsTest, hours_are_added_up_to_days) {
  const auto day = rate_day(kNow);
  for (int hour = 0; hour < 24; ++hour) add(one_, day + hour * kHour, {.sent = 1});
  add(one_, day + kDay + kHour, {.sent = 5});
  must(batch_.roll_up_rates(day + kDay));
  EXPECT_EQ(ask("SELECT sent, start % 86400 FROM rate WHERE dimension = 'provider' ORDER BY start"),
            "24|0\n5|3600");
  add(one_, day + 5 * kHour, {.sent = 1}, day + kDay);
  EXPECT_EQ(ask("SELECT sent FROM rate WHERE dimension = 'provider' ORDER BY start"), "25\n5");
}

TEST_F(RateRowsTest, the_dump_does_not_show_when_hours_became_days_nor_what_was_taken_out) {
  const auto dumped = [&] {
    std::string lines;
    auto from = reader();
    must(from.dump([&](std::string_view line) { lines.append(line).append("\n"); }));
    return lines;
  };
  add(one_, kNow, {.sent = 1, .dead = 1});
  add(one_, kNow + kHour, {.sent = 1});
  const auto before = dumped();
  EXPECT_TRUE(has(
      before, R"({"table":"rate","dimension":"provider","name":"google.com","day":"2026-11-01","sent":1,)"))
      << before;
  must(batch_.roll_up_rates(kNow + 2 * kDay));
  add(two_, kNow, {.sent = 1});
  add(two_, kNow, {.sent = -1});
  const auto after = dumped();
  EXPECT_EQ(after.substr(after.find("google.com")), before.substr(before.find("google.com")));
  EXPECT_FALSE(has(after, "yahoodns.net"));
}

TEST_F(RateRowsTest, retention_keeps_days_for_400_days_and_the_few_sends_to_small_providers_for_35) {
  add(one_, kNow - 401 * kDay, {.sent = 5000});
  add(one_, kNow - 300 * kDay, {.sent = 5000});
  add(two_, kNow - 36 * kDay, {.sent = 9});
  add(two_, kNow - 36 * kDay + kHour, {.sent = 10});
  add(two_, kNow - 34 * kDay, {.sent = 1});
  const Alert old{.place = sender_, .opened = kNow - 500 * kDay, .closed = kNow - 401 * kDay, .window = kDay};
  must(batch_.save(old));
  commit();
  must(batch_.commit());
  for (int i = 0; i < 20 && must(ledger_.expunge({}, kNow, 1)); ++i) continue;
  EXPECT_EQ(Shell(path_).ask("SELECT sum(sent) FROM rate WHERE dimension = 'sender-domain'"), "5020");
  EXPECT_EQ(Shell(path_).ask("SELECT name, sent FROM rate WHERE dimension = 'provider' ORDER BY name, start"),
            "google.com|5000\nyahoodns.net|10\nyahoodns.net|1");
  EXPECT_EQ(Shell(path_).ask("SELECT count(*) FROM alert"), "0");
}

TEST_F(RateRowsTest, alerts_are_stored_closed_and_shown) {
  Alert alert{.place = sender_,
              .what = AlertWhat::hard,
              .level = AlertLevel::critical,
              .opened = kNow,
              .closed = {},
              .window = kRateWindows[0],
              .share = {80, 1000}};
  alert.id = must(batch_.save(alert));
  ASSERT_EQ(must(batch_.open_alerts()).size(), 1U);
  EXPECT_EQ(must(batch_.open_alerts())[0].share, alert.share);
  EXPECT_EQ(must(batch_.open_alerts())[0].window, alert.window);
  EXPECT_EQ(
      ask("SELECT state, level, what, dimension, name, opened, closed, percent, within, mailed FROM v_alert"),
      "open|critical|hard|sender-domain|shop.example|2026-11-01T23:00:00Z|NULL|8.0|1d|0");
  alert.closed = kNow + kDay;
  must(batch_.save(alert));
  const std::array ids{alert.id};
  must(batch_.mark_mailed(ids));
  EXPECT_TRUE(must(batch_.open_alerts()).empty());
  EXPECT_EQ(ask("SELECT state, closed, mailed FROM v_alert"), "closed|2026-11-02T23:00:00Z|1");
}

TEST_F(RateRowsTest, unusual_is_what_is_over_half_a_limit_the_worst_first) {
  add({"good.example", "a.example"}, kNow, {.sent = 5000, .dead = 20});
  add({"near.example", "b.example"}, kNow, {.sent = 5000, .dead = 60});
  add({"bad.example", "c.example"}, kNow, {.sent = 5000, .dead = 500});
  std::string found;
  for (const auto& rate : must(reader().unusual_rates(kNow)))
    if (rate.place.dimension == RateDimension::sender_domain)
      found.append(name_of(rate.judgement.level)).append(" ").append(rate.place.name).append("\n");
  EXPECT_EQ(found, "critical bad.example\nnone near.example\n");
}

}  // namespace
}  // namespace suppressd::test
