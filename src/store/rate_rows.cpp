#include "rate_rows.h"

#include <algorithm>

#include "audit_rows.h"
#include "breaker_rows.h"
#include "walk.h"

namespace suppressd {

/// Row in `rate`, after its dimension and name.
struct RateRow {
  Time start;
  RateCounts counts;
};

void columns(auto& column, RowOf<RateName> auto& place) {
  column.word("dimension", place.dimension, rate_dimension_from);
  column("name", place.name);
}

void columns(auto& column, RowOf<RateRow> auto& row) {
  column("start", row.start);
  columns(column, row.counts);
}

void columns(auto& column, RowOf<Alert> auto& alert) {
  column.reference("id", alert.id, kNotDumped);
  columns(column, alert.place);
  column.word("what", alert.what, alert_what_from);
  column.word("level", alert.level, alert_level_from);
  column("opened", alert.opened);
  column("closed", alert.closed);
  column("within", alert.window);
  column("events", alert.share.events);
  column("sends", alert.share.sends);
  column("mailed", alert.mailed);
}

namespace {

constexpr std::int64_t kFewSends = 10;  // a day with fewer is not kept as long
constexpr std::int64_t kRowsExaminedPerRemoval = 20;

/// How far a walk came.
struct Place {
  std::string dimension;
  std::string name;

  static Place of(const std::string& text) {
    const auto blank = text.find(' ');
    return blank == std::string::npos ? Place{} : Place{text.substr(0, blank), text.substr(blank + 1)};
  }
};

/// The names of the columns of RateCounts.
class CountNames {
 public:
  static std::vector<std::string> all() {
    CountNames names;
    const RateCounts counts;
    columns(names, counts);
    return std::move(names.names_);
  }
  void operator()(std::string_view name, const std::int64_t& /*value*/) { names_.emplace_back(name); }

 private:
  std::vector<std::string> names_;
};

/// `one` for each count, separated by commas.
template <typename One>
std::string each_count(One one) {
  std::string text;
  for (const auto& name : CountNames::all()) text += (text.empty() ? "" : ", ") + one(name);
  return text;
}

const TableSql& rate_sql() {
  static const auto sql = TableSql::of<RateName, RateRow>("rate", 3);
  return sql;
}

// A row that retention has removed is not made again by what is taken out of it.
std::string adding_sql() {
  return rate_sql().insert + " ON CONFLICT (dimension, name, start) DO UPDATE SET " +
         each_count([](const std::string& name) {
           return name + " = max(0, " + name + " + excluded." + name + ")";
         });
}

bool is_positive(const RateCounts& counts) {
  return std::min({counts.sent, counts.delivered, counts.dead, counts.again, counts.soft, counts.blocked,
                   counts.other, counts.excused, counts.complaints, counts.refused}) >= 0;
}

// Of a sender domain, at the providers that report complaints.
std::optional<std::int64_t> reported_deliveries(Database& database, const RateName& place, Time since,
                                                Time reports) {
  Query query(
      database,
      "SELECT sum(r.delivered), count(*)"
      " FROM (SELECT DISTINCT name FROM rate WHERE dimension = 'provider' AND complaints > 0 AND start > ?3)"
      " AS p CROSS JOIN rate AS r ON r.dimension = 'sender-domain+provider'"
      " AND r.name = ?1 || '/' || p.name AND r.start > ?2",
      place.name, since, reports);
  if (!query.step() || query->integer(1) == 0) return std::nullopt;
  return query->integer(0);
}

bool reports_complaints(Database& database, std::string_view provider, Time since) {
  return Query(
             database,
             "SELECT 1 FROM rate WHERE dimension = 'provider' AND name = ?1 AND complaints > 0 AND start > ?2"
             " LIMIT 1",
             provider, since)
      .step();
}

}  // namespace

void bind_column(Statement& statement, int index, Duration value) {
  statement.bind(index, std::int64_t{value.count()});
}
void read_column(const Statement& statement, int index, Duration& value) {
  value = Duration{statement.integer(index)};
}

// What a tag delivered at which provider is not counted: there would be too many pairs.
void set_reported_of_tag(WindowCounts& window) {
  if (window.counts.complaints > 0) window.reported = window.counts.delivered;
}

std::string sums_of_rates() {
  return each_count([](const std::string& name) { return "sum(r." + name + ")"; });
}

std::string rate_dump() {
  std::string sums;
  std::string any;
  for (const auto& name : CountNames::all()) {
    if (name == "refused") continue;  // the milter's notes are in no log
    sums += ", '" + name + "', sum(" + name + ")";
    any += (any.empty() ? "" : " + ") + ("abs(sum(" + name + "))");
  }
  return "SELECT json_object('table', 'rate', 'dimension', dimension, 'name', name, 'day',"
         " strftime('%Y-%m-%d', start, 'unixepoch')" +
         sums +
         ") AS line FROM rate WHERE dimension NOT IN ('campaign', 'source', 'account')"  // nor are these
         " GROUP BY dimension, name, start / 86400 HAVING " +
         any + " > 0 ORDER BY dimension, name, start / 86400";
}

const TableSql& alert_sql() {
  static const auto sql = TableSql::of<Alert>("alert", 1);
  return sql;
}

Alert read_alert(const Statement& statement) {
  Alert alert;
  read_columns(statement, 0, alert);
  return alert;
}

void add_rates(Database& database, const RateBuckets& counts, Time days_before) {
  static const std::string sql = adding_sql();
  static const std::string update = [] {
    int number = 3;
    return "UPDATE rate SET " + each_count([&](const std::string& name) {
             return name + " = max(0, " + name + " + ?" + std::to_string(++number) + ")";
           }) +
           " WHERE dimension = ?1 AND name = ?2 AND start = ?3";
  }();
  const auto write = [&](const RateName& place, const RateRow& row) {
    if (row.counts != RateCounts{}) run_row(database, is_positive(row.counts) ? sql : update, place, row);
  };
  for (const auto& [place, hours] : counts) {
    RateRow row;
    for (const auto& [hour, added] : hours) {
      const auto start = hour < days_before ? rate_day(hour) : hour;
      if (start != row.start) {
        write(place, row);
        row = {.start = start, .counts = {}};
      }
      row.counts += added;
    }
    write(place, row);
  }
}

void roll_up_rates(Database& database, Time before) {
  static const std::string sums = sums_of_rates();
  static const std::string add = [] {
    const auto names = each_count([](const std::string& name) { return name; });
    return "INSERT INTO rate(dimension, name, start, " + names +
           ") SELECT r.dimension, r.name, r.start - r.start % 86400, " + sums_of_rates() +
           " FROM rate AS r WHERE r.start % 86400 <> 0 AND r.start < ?1 GROUP BY 1, 2, 3"
           " ON CONFLICT (dimension, name, start) DO UPDATE SET " +
           each_count([](const std::string& name) { return name + " = " + name + " + excluded." + name; });
  }();
  run(database, add, before);
  run(database, "DELETE FROM rate WHERE start % 86400 <> 0 AND start < ?1", before);
}

std::optional<Time> newest_rate(Database& database) {
  Query query(database, "SELECT max(start) FROM rate WHERE start % 86400 <> 0");
  return query.step() ? query->maybe_time(0) : std::nullopt;
}

std::vector<WindowCounts> rate_windows(Database& database, const RateName& place, Time at) {
  static const std::string sql = "SELECT " + rate_sql().list("r") +
                                 " FROM rate AS r WHERE r.dimension = ?1 AND r.name = ?2 AND r.start > ?3";
  const auto hour = rate_hour(at);
  // The sends from before a test, or from before somebody resumed a breaker, count no more.
  const auto from = rates_counted_from(database, name_of(place.dimension), place.name);
  const auto begin = [&](Duration window) {
    return from ? std::max(hour - window, *from - Duration{1}) : hour - window;
  };
  std::vector<WindowCounts> windows;
  for (const auto length : windows_of(place.dimension)) windows.push_back({.length = length});
  {
    Query query(database, sql, name_of(place.dimension), place.name, begin(windows.back().length));
    while (query.step()) {
      RateName read;
      RateRow row;
      read_columns(*query, 0, read, row);
      for (auto& window : windows)
        if (row.start > begin(window.length)) window.counts += row.counts;
    }
  }
  const auto reports = hour - kReportsFor;
  if (place.dimension == RateDimension::sender_domain) {
    const auto week = reported_deliveries(database, place, begin(windows.back().length), reports);
    for (auto& window : windows)
      window.reported = !week || window.length == windows.back().length
                            ? week
                            : reported_deliveries(database, place, begin(window.length), reports).value_or(0);
  } else if (is_tag(place.dimension)) {
    for (auto& window : windows) set_reported_of_tag(window);
  } else if (const auto provider = std::string_view(place.name).substr(place.name.rfind('/') + 1);
             reports_complaints(database, provider, reports)) {
    for (auto& window : windows) window.reported = window.counts.delivered;
  }
  return windows;
}

bool expunge_rates(Database& database, Time oldest, Time oldest_small, Time now, std::int64_t limit) {
  Walk walk(database, "rate", now);
  if (!walk.due()) return false;
  const auto from = Place::of(walk.place());
  std::optional<Place> last;
  {
    Query end(database,
              "SELECT dimension, name FROM rate WHERE (dimension, name) > (?1, ?2)"
              " ORDER BY dimension, name, start LIMIT 1 OFFSET ?3",
              from.dimension, from.name, limit * kRowsExaminedPerRemoval);
    if (end.step()) last = {std::string(end->text(0)), std::string(end->text(1))};
  }
  run(database,
      "DELETE FROM rate WHERE (dimension, name) > (?1, ?2) AND (?3 IS NULL OR (dimension, name) <= (?3, ?4))"
      " AND (start < ?5 OR start < ?6 AND dimension <> 'sender-domain' AND sent < ?7)",
      from.dimension, from.name, last ? std::optional(last->dimension) : std::nullopt, last ? last->name : "",
      oldest, oldest_small, kFewSends);
  count_expunged(database, "rate", database.changes(), now);
  run(database, "DELETE FROM alert WHERE closed < ?1", oldest);
  count_expunged(database, "alert", database.changes(), now);
  walk.advance(last ? std::optional(last->dimension + " " + last->name) : std::nullopt);
  return last.has_value();
}

std::vector<Alert> load_open_alerts(Database& database) {
  static const std::string sql = "SELECT " + alert_sql().list("a") +
                                 " FROM alert AS a WHERE a.closed IS NULL"
                                 " ORDER BY a.dimension, a.name, a.what";
  std::vector<Alert> alerts;
  Query query(database, sql);
  while (query.step()) alerts.push_back(read_alert(*query));
  return alerts;
}

std::int64_t save_alert(Database& database, const Alert& alert) {
  const bool fresh = alert.id == 0;
  if (fresh)
    run_row(database, alert_sql().insert, alert);
  else
    run(database, "UPDATE alert SET closed = ?2 WHERE id = ?1", alert.id, alert.closed);
  return fresh ? database.last_insert_id() : alert.id;
}

void mark_mailed(Database& database, std::int64_t id) {
  run(database, "UPDATE alert SET mailed = 1 WHERE id = ?1", id);
}

void save_look(Database& database, Time at) {
  run(database,
      "INSERT INTO meta(name, value) VALUES ('rate.looked', ?1)"
      " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      at);
}

// There are rows of the last days only, and few complaints, so all of them are read.
std::string usual_provider(Database& database, std::string_view domain) {
  Query query(database,
              "SELECT provider FROM known_good WHERE domain = ?1 GROUP BY provider"
              " ORDER BY sum(sends) DESC, provider LIMIT 1",
              domain);
  return query.step() ? std::string(query->text(0)) : std::string{};
}

std::string provider_of_entry(Database& database, std::string_view address) {
  Query query(database,
              "SELECT provider FROM suppression WHERE address = ?1 AND provider <> '' ORDER BY kind LIMIT 1",
              address);
  return query.step() ? std::string(query->text(0)) : std::string{};
}

}  // namespace suppressd
