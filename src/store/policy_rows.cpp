#include "policy_rows.h"

#include <string>

#include <sqlite3.h>

#include "suppressd/base/json.h"

#include "statement.h"

namespace suppressd {
namespace {

std::optional<std::int64_t> seconds_of(Duration duration) {
  if (duration == kForever) return std::nullopt;
  return duration.count();
}

Duration duration_in(const Statement& row, int column) {
  return row.is_null(column) ? kForever : Duration{row.integer(column)};
}

std::string text_of(const std::vector<Duration>& ladder) {
  auto steps = Json::array();
  for (const auto step : ladder) steps.push_back(step == kForever ? Json(nullptr) : Json(step.count()));
  return steps.dump();
}

std::vector<Duration> ladder_in(const Statement& row, int column, std::string_view name) {
  std::vector<Duration> ladder;
  const auto steps = Json::parse(row.text(column), nullptr, false);
  bool good = steps.is_array() && !steps.empty();
  for (const auto& step : steps) {
    good = good && (step.is_null() || step.is_number_unsigned());
    if (!good) break;
    ladder.push_back(step.is_null() ? kForever : Duration{step.get<std::int64_t>()});
  }
  if (!good)
    throw StoreFailure{SQLITE_MISMATCH, "table policy, since " + std::to_string(row.integer(0)) + ": " +
                                            std::string(name) +
                                            " must be a list of seconds, such as [2592000,null]"};
  return ladder;
}

}  // namespace

std::vector<DatedSettings> load_policy(Database& database) {
  std::vector<DatedSettings> rows;
  Query row(database,
            "SELECT since, soft_threshold, soft_min_interval, soft_stale_after, soft_suppress_for,"
            " hard_weak_for, hard_bad_domain_for, report_window FROM policy ORDER BY since");
  while (row.step())
    rows.push_back({.since = row->time(0),
                    .settings = {.policy = {.threshold = static_cast<int>(row->integer(1)),
                                            .min_interval = duration_in(*row, 2),
                                            .stale_after = duration_in(*row, 3),
                                            .soft_ladder = ladder_in(*row, 4, "soft_suppress_for"),
                                            .weak_ladder = ladder_in(*row, 5, "hard_weak_for"),
                                            .bad_domain_ladder = ladder_in(*row, 6, "hard_bad_domain_for")},
                                 .report_window = duration_in(*row, 7)}});
  return rows;
}

void save_policy(Database& database, const DatedSettings& row) {
  const auto& policy = row.settings.policy;
  run(database,
      "INSERT OR REPLACE INTO policy(since, soft_threshold, soft_min_interval, soft_stale_after,"
      " soft_suppress_for, hard_weak_for, hard_bad_domain_for, report_window)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      row.since, std::int64_t{policy.threshold}, seconds_of(policy.min_interval),
      seconds_of(policy.stale_after), text_of(policy.soft_ladder), text_of(policy.weak_ladder),
      text_of(policy.bad_domain_ladder), seconds_of(row.settings.report_window));
}

}  // namespace suppressd
