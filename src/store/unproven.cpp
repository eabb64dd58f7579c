#include "failure.h"
#include "unproven_rows.h"

namespace suppressd {

void insert_unproven(Database& database, const Unproven& report) {
  run(database,
      "INSERT INTO unproven(at, address, what, category, why, queue_id, reporting_mta, form, status, text)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
      report.at, report.address, report.what, report.category, report.why, report.queue_id,
      report.reporting_mta, report.form, report.status, report.text);
  if (database.changes() == 0) return;
  run(database, "DELETE FROM unproven WHERE id <= ?1", database.last_insert_id() - kUnprovenKept);
}

Status each_unproven(Database& database, const std::function<void(const Unproven&)>& take) {
  return guarded(database, [&] {
    Query query(database,
                "SELECT at, address, what, category, why, queue_id, reporting_mta, form, status, text FROM "
                "unproven ORDER BY id DESC");
    while (query.step()) {
      Unproven report;
      report.at = query->time(0);
      report.address = query->text(1);
      report.what = query->text(2);
      report.category = query->text(3);
      report.why = query->text(4);
      report.queue_id = query->text(5);
      report.reporting_mta = query->text(6);
      report.form = query->text(7);
      report.status = query->text(8);
      report.text = query->text(9);
      take(report);
    }
  });
}

}  // namespace suppressd
