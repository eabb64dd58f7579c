#include "policy_rows.h"

#include <string>
#include <utility>

#include "suppressd/base/json.h"

#include "statement.h"

namespace suppressd {
namespace {

using Ladder = std::vector<Duration>;

constexpr std::int64_t kLongest = 100LL * 366 * 86400;  // seconds, as a configuration may say

// Of a row that a person may have written.
class PolicyReader {
 public:
  explicit PolicyReader(const Statement& row) : row_(row) {}
  bool good() const { return good_; }

  void operator()(std::string_view /*name*/, Time& time) { time = row_.time(next_++); }
  void operator()(std::string_view /*name*/, int& number) {
    number = static_cast<int>(checked(1, 1'000'000));
  }
  void operator()(std::string_view /*name*/, Duration& duration) {
    if (row_.is_null(next_)) {
      duration = kForever;
      ++next_;
    } else {
      duration = Duration{checked(0, kLongest)};
    }
  }
  void operator()(std::string_view /*name*/, Ladder& ladder, Dumped /*dumped*/) {
    ladder.clear();
    const auto list = Json::parse(row_.text(next_++), nullptr, false);
    good_ = good_ && list.is_array() && !list.empty();
    if (!good_) return;
    for (const auto& step : list) {
      good_ =
          good_ && (step.is_null() || (step.is_number_unsigned() &&
                                       step.get<std::uint64_t>() <= static_cast<std::uint64_t>(kLongest)));
      if (!good_) break;
      ladder.push_back(step.is_null() ? kForever : Duration{step.get<std::int64_t>()});
    }
  }

 private:
  std::int64_t checked(std::int64_t least, std::int64_t most) {
    const auto value = row_.integer(next_++);
    good_ = good_ && value >= least && value <= most;
    return good_ ? value : least;
  }

  const Statement& row_;
  int next_ = 0;
  bool good_ = true;
};

}  // namespace

static void bind_column(Statement& statement, int index, Duration duration) {
  statement.bind(index, duration == kForever ? std::nullopt : std::optional(duration.count()));
}
static void bind_column(Statement& statement, int index, const Ladder& ladder) {
  auto steps = Json::array();
  for (const auto step : ladder) steps.push_back(step == kForever ? Json(nullptr) : Json(step.count()));
  statement.bind(index, std::string_view{steps.dump()});
}

void columns(auto& column, RowOf<DatedSettings> auto& row) {
  auto& policy = row.settings.policy;
  column("since", row.since);
  column("soft_threshold", policy.threshold);
  column("soft_min_interval", policy.min_interval);
  column("soft_stale_after", policy.stale_after);
  column("soft_suppress_for", policy.soft_ladder, as_json);
  column("hard_weak_for", policy.weak_ladder, as_json);
  column("hard_bad_domain_for", policy.bad_domain_ladder, as_json);
  column("hard_known_good_for", policy.known_good_ladder, as_json);
  column("report_window", row.settings.report_window);
}

const TableSql& policy_sql() {
  static const auto sql = TableSql::of<DatedSettings>("policy", 1);
  return sql;
}

std::vector<DatedSettings> load_policy(Database& database) {
  static const std::string sql = "SELECT " + policy_sql().list("p") + " FROM policy AS p ORDER BY p.since";
  std::vector<DatedSettings> rows;
  Query query(database, sql);
  while (query.step()) {
    DatedSettings row;
    PolicyReader read(*query);
    columns(read, row);
    if (read.good()) rows.push_back(std::move(row));
  }
  return rows;
}

void save_policy(Database& database, const DatedSettings& row) {
  run(database, "DELETE FROM policy WHERE since > ?1", row.since);
  run_row(database, policy_sql().upsert, row);
}

}  // namespace suppressd
