#include "rate_report.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "cursor_rows.h"
#include "failure.h"
#include "rate_rows.h"

namespace suppressd {
namespace {

/// Deliveries at providers that report complaints, by `key`: an expression over a row `r` of `rate`.
std::unordered_map<std::string, std::int64_t> reported(Database& database, RateDimension dimension,
                                                       const std::string& key, const std::string& provider,
                                                       Time since) {
  std::unordered_map<std::string, std::int64_t> deliveries;
  const auto sql =
      "SELECT " + key + ", sum(r.delivered) FROM rate AS r WHERE r.dimension = ?1 AND r.start >= ?2 AND " +
      provider +
      " IN (SELECT p.name FROM rate AS p WHERE p.dimension = 'provider' AND p.complaints > 0"
      " AND p.start >= (SELECT max(start) FROM rate WHERE dimension = 'provider') - ?3) GROUP BY 1";
  Query query(database, sql, name_of(dimension), since, std::int64_t{kReportsFor.count()});
  while (query.step()) deliveries.emplace(query->text(0), query->integer(1));
  return deliveries;
}

std::vector<RateSums> sums(Database& database, RateDimension dimension, const std::string& key, Time since) {
  const auto sql = "SELECT " + key + ", " + sums_of_rates() +
                   " FROM rate AS r WHERE r.dimension = ?1 AND r.start >= ?2 GROUP BY 1 ORDER BY 1";
  std::vector<RateSums> rows;
  Query query(database, sql, name_of(dimension), since);
  while (query.step()) {
    auto& row = rows.emplace_back();
    row.name = query->text(0);
    read_columns(*query, 1, row.sums.counts);
  }
  return rows;
}

void add_reported(std::vector<RateSums>& rows,
                  const std::unordered_map<std::string, std::int64_t>& deliveries) {
  for (auto& row : rows)
    if (const auto found = deliveries.find(row.name); found != deliveries.end())
      row.sums.reported = found->second;
}

const std::string kDay = "strftime('%Y-%m-%d', r.start, 'unixepoch')";
const std::string kName = "r.name";
// Of `shop.example/google.com`.
const std::string kSender = "substr(r.name, 1, instr(r.name, '/') - 1)";
const std::string kProvider = "substr(r.name, instr(r.name, '/') + 1)";

bool is_near(AlertWhat what, const RateShare& share) {
  const auto limits = limits_of(what);
  return share.sends >= kFewestSends && share.events >= limits.events && share.value() > limits.warning / 2;
}

std::vector<RateName> with_events(Database& database, Time now) {
  std::vector<RateName> names;
  Query query(
      database,
      "SELECT dimension, name FROM rate WHERE start > iif(dimension = 'campaign', ?5, ?1) GROUP BY 1, 2"
      " HAVING sum(dead) >= ?2 OR sum(soft) >= ?3 OR sum(complaints) >= ?4",
      now - kRateWindows.back(), limits_of(AlertWhat::hard).events, limits_of(AlertWhat::soft).events,
      limits_of(AlertWhat::complaint).events, now - kCampaignWindows.back());
  while (query.step())
    if (const auto dimension = rate_dimension_from(query->text(0)))
      names.push_back({*dimension, std::string(query->text(1))});
  return names;
}

// The window in which it is nearest to the limit.
std::optional<RateJudgement> near_limit(AlertWhat what, std::span<const WindowCounts> windows) {
  std::optional<RateJudgement> nearest;
  for (const auto& window : windows) {
    const auto share = window.share(what);
    if (share && is_near(what, *share) && (!nearest || share->value() > nearest->share.value()))
      nearest = {.level = AlertLevel::none, .window = window.length, .share = *share};
  }
  return nearest;
}

void judge(Database& database, const RateName& place, Time now, std::span<const Alert> open,
           std::vector<UnusualRate>& unusual) {
  const auto windows = rate_windows(database, place, now);
  for (const auto what : kAlertWhats) {
    const auto known = std::ranges::find_if(
        open, [&](const Alert& alert) { return alert.place == place && alert.what == what; });
    auto judgement = judge_rate(what, windows, known == open.end() ? AlertLevel::none : known->level);
    if (judgement.level == AlertLevel::none) {
      const auto nearest = near_limit(what, windows);
      if (!nearest) continue;
      judgement = *nearest;
    }
    unusual.push_back({.place = place, .what = what, .judgement = judgement});
  }
}

}  // namespace

Result<std::vector<RateSums>> sums_by_name(Database& database, RateDimension dimension, Time since) {
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    auto rows = sums(database, dimension, kName, since);
    if (is_tag(dimension)) {
      for (auto& row : rows) set_reported_of_tag(row.sums);
      return rows;
    }
    const auto deliveries =
        dimension == RateDimension::sender_domain
            ? reported(database, RateDimension::sender_domain_provider, kSender, kProvider, since)
            : reported(database, dimension, kName, dimension == RateDimension::provider ? kName : kProvider,
                       since);
    add_reported(rows, deliveries);
    return rows;
  });
}

Result<std::vector<RateSums>> sums_by_day(Database& database, Time since) {
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    auto rows = sums(database, RateDimension::sender_domain, kDay, since);
    add_reported(rows, reported(database, RateDimension::provider, kDay, kName, since));
    return rows;
  });
}

Result<std::vector<RateSums>> failures_by_recipient_domain(Database& database, Time since) {
  return guarded(database, [&] {
    std::vector<RateSums> rows;
    Query query(database,
                "SELECT substr(address, length(rtrim(address, replace(address, '@', ''))) + 1),"
                " sum(rate = 'dead'), sum(rate = 'again'), sum(rate = 'soft'), sum(rate = 'blocked'),"
                " sum(rate = 'other'), sum(rate = 'excused'), sum(rate = 'complaint')"
                " FROM evidence WHERE entered >= ?1 AND rate <> '' GROUP BY 1 ORDER BY 1",
                since);
    while (query.step()) {
      auto& row = rows.emplace_back();
      row.name = query->text(0);
      row.sums.counts = {.dead = query->integer(1),
                         .again = query->integer(2),
                         .soft = query->integer(3),
                         .blocked = query->integer(4),
                         .other = query->integer(5),
                         .excused = query->integer(6),
                         .complaints = query->integer(7)};
    }
    return rows;
  });
}

Result<std::vector<UnusualRate>> unusual_rates(Database& database, Time now) {
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    const auto open = load_open_alerts(database);
    std::vector<UnusualRate> unusual;
    for (const auto& place : with_events(database, rate_hour(now)))
      judge(database, place, now, open, unusual);
    std::ranges::stable_sort(unusual, [](const UnusualRate& a, const UnusualRate& b) {
      if (a.judgement.level != b.judgement.level) return a.judgement.level > b.judgement.level;
      const auto times = [](const UnusualRate& rate) {
        return rate.judgement.share.value() / limits_of(rate.what).warning;
      };
      return times(a) != times(b) ? times(a) > times(b) : a.place < b.place;
    });
    return unusual;
  });
}

Result<std::vector<Alert>> list_alerts(Database& database) {
  return guarded(database, [&] {
    static const std::string sql = "SELECT " + alert_sql().list("a") +
                                   " FROM alert AS a ORDER BY a.closed IS NOT NULL, a.opened DESC, a.id DESC";
    std::vector<Alert> alerts;
    Query query(database, sql);
    while (query.step()) alerts.push_back(read_alert(*query));
    return alerts;
  });
}

Result<LostTags> lost_tags(Database& database) {
  return guarded(database, [&] {
    LostTags tags;
    Query query(database, "SELECT name, value FROM meta WHERE name IN ('tags_lost', 'tags_unnoted')");
    while (query.step()) (query->text(0) == "tags_lost" ? tags.lost : tags.unnoted) = query->integer(1);
    return tags;
  });
}

Result<RateWatch> rate_watch(Database& database) {
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    RateWatch watch;
    watch.counted = Query(database, "SELECT 1 FROM rate LIMIT 1").step();
    {
      Query looked(database, "SELECT value FROM meta WHERE name = 'rate.looked'");
      if (looked.step()) watch.looked = looked->time(0);
    }
    if (const auto cursor = newest_followed_cursor(database)) watch.newest_line = cursor->last_time;
    return watch;
  });
}

}  // namespace suppressd
