#include "policy_rows.h"

#include <string>
#include <utility>

#include "suppressd/base/json.h"

#include "statement.h"

namespace suppressd {
namespace {

std::optional<std::int64_t> seconds_of(Duration duration) {
  if (duration == kForever) return std::nullopt;
  return duration.count();
}

constexpr std::int64_t kLongest = 100LL * 366 * 86400;  // seconds, as a configuration may say

// Of a row that a person may have written.
class PolicyRow {
 public:
  explicit PolicyRow(const Statement& row) : row_(row) {}

  std::optional<DatedSettings> read() {
    DatedSettings read{.since = row_.time(0),
                       .settings = {.policy = {.threshold = static_cast<int>(number(1, 1, 1'000'000)),
                                               .min_interval = duration(2),
                                               .stale_after = duration(3),
                                               .soft_ladder = ladder(4),
                                               .weak_ladder = ladder(5),
                                               .bad_domain_ladder = ladder(6)},
                                    .report_window = duration(7)}};
    if (!good_) return std::nullopt;
    return read;
  }

 private:
  std::int64_t number(int column, std::int64_t least, std::int64_t most) {
    const auto value = row_.integer(column);
    good_ = good_ && value >= least && value <= most;
    return good_ ? value : least;
  }
  Duration duration(int column) {
    return row_.is_null(column) ? kForever : Duration{number(column, 0, kLongest)};
  }
  std::vector<Duration> ladder(int column) {
    std::vector<Duration> steps;
    const auto list = Json::parse(row_.text(column), nullptr, false);
    good_ = good_ && list.is_array() && !list.empty();
    if (!good_) return steps;
    for (const auto& step : list) {
      good_ =
          good_ && (step.is_null() || (step.is_number_unsigned() &&
                                       step.get<std::uint64_t>() <= static_cast<std::uint64_t>(kLongest)));
      if (!good_) break;
      steps.push_back(step.is_null() ? kForever : Duration{step.get<std::int64_t>()});
    }
    return steps;
  }

  const Statement& row_;
  bool good_ = true;
};

std::string text_of(const std::vector<Duration>& ladder) {
  auto steps = Json::array();
  for (const auto step : ladder) steps.push_back(step == kForever ? Json(nullptr) : Json(step.count()));
  return steps.dump();
}

}  // namespace

std::vector<DatedSettings> load_policy(Database& database) {
  std::vector<DatedSettings> rows;
  Query row(database,
            "SELECT since, soft_threshold, soft_min_interval, soft_stale_after, soft_suppress_for,"
            " hard_weak_for, hard_bad_domain_for, report_window FROM policy ORDER BY since");
  while (row.step())
    if (auto read = PolicyRow(*row).read()) rows.push_back(std::move(*read));
  return rows;
}

void save_policy(Database& database, const DatedSettings& row) {
  const auto& policy = row.settings.policy;
  run(database, "DELETE FROM policy WHERE since > ?1", row.since);
  run(database,
      "INSERT OR REPLACE INTO policy(since, soft_threshold, soft_min_interval, soft_stale_after,"
      " soft_suppress_for, hard_weak_for, hard_bad_domain_for, report_window)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      row.since, std::int64_t{policy.threshold}, seconds_of(policy.min_interval),
      seconds_of(policy.stale_after), text_of(policy.soft_ladder), text_of(policy.weak_ladder),
      text_of(policy.bad_domain_ladder), seconds_of(row.settings.report_window));
}

}  // namespace suppressd
