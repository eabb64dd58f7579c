// Rows of `rate` and `alert`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/alert.h"
#include "suppressd/core/rate.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

void columns(auto& column, RowOf<RateCounts> auto& counts) {
  column("sent", counts.sent);
  column("delivered", counts.delivered);
  column("dead", counts.dead);
  column("again", counts.again);
  column("soft", counts.soft);
  column("blocked", counts.blocked);
  column("other", counts.other);
  column("excused", counts.excused);
  column("complaints", counts.complaints);
  column("refused", counts.refused);
}

/// `sum(r.sent), sum(r.delivered), ...`, as read_columns() reads them.
std::string sums_of_rates();
/// What complaints of a tag are compared with, as they are.
void set_reported_of_tag(WindowCounts& window);
/// For the dump: by day, because it depends on when hours were added up.
std::string rate_dump();

const TableSql& alert_sql();
Alert read_alert(const Statement& statement);

void add_rates(Database& database, const RateBuckets& counts, Time days_before);
void roll_up_rates(Database& database, Time before);
std::optional<Time> newest_rate(Database& database);
std::vector<WindowCounts> rate_windows(Database& database, const RateName& place, Time at);
/// Retention: what is older than `oldest`, and from before `oldest_small`, days of providers with few sends.
bool expunge_rates(Database& database, Time oldest, Time oldest_small, Time now, std::int64_t limit);

std::vector<Alert> load_open_alerts(Database& database);
std::int64_t save_alert(Database& database, const Alert& alert);
void mark_mailed(Database& database, std::int64_t id);
void save_look(Database& database, Time at);

std::string usual_provider(Database& database, std::string_view domain);
std::string provider_of_entry(Database& database, std::string_view address);

}  // namespace suppressd
