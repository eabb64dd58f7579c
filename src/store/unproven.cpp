#include "failure.h"
#include "unproven_rows.h"

namespace suppressd {

void columns(auto& column, RowOf<Unproven> auto& report) {
  column("address", report.address);
  column("at", report.at);
  column("what", report.what);
  column("category", report.category);
  column("why", report.why);
  column("queue_id", report.queue_id);
  column("reporting_mta", report.reporting_mta);
  column("form", report.form);
  column("status", report.status);
  column("text", report.text);
}

const TableSql& unproven_sql() {
  static const auto sql = TableSql::of<Unproven>("unproven");
  return sql;
}

void insert_unproven(Database& database, const Unproven& report) {
  static const std::string sql = unproven_sql().insert + " ON CONFLICT DO NOTHING";
  run_row(database, sql, report);
  if (database.changes() == 0) return;
  run(database, "DELETE FROM unproven WHERE id <= ?1", database.last_insert_id() - kUnprovenKept);
}

Status each_unproven(Database& database, const std::function<void(const Unproven&)>& take) {
  static const std::string sql =
      "SELECT " + unproven_sql().list("u") + " FROM unproven AS u ORDER BY u.id DESC";
  return guarded(database, [&] {
    Query query(database, sql);
    while (query.step()) {
      Unproven report;
      read_columns(*query, 0, report);
      take(report);
    }
  });
}

}  // namespace suppressd
