#include "exemption_rows.h"
#include "failure.h"

namespace suppressd {

void columns(auto& column, RowOf<Exemption> auto& exemption) {
  column("address", exemption.address);
  column("since", exemption.since);
  column("note", exemption.note);
  column("actor", exemption.actor);
}

const TableSql& exemption_sql() {
  static const auto sql = TableSql::of<Exemption>("exemption", 1);
  return sql;
}

bool insert_exemption(Database& database, const Exemption& exemption) {
  static const std::string sql = exemption_sql().insert + " ON CONFLICT DO NOTHING";
  run_row(database, sql, exemption);
  return database.changes() != 0;
}

Result<std::vector<Exemption>> list_exemptions(Database& database) {
  static const std::string sql =
      "SELECT " + exemption_sql().list("e") + " FROM exemption AS e ORDER BY e.address";
  return guarded(database, [&] {
    std::vector<Exemption> exemptions;
    Query query(database, sql);
    while (query.step()) read_columns(*query, 0, exemptions.emplace_back());
    return exemptions;
  });
}

}  // namespace suppressd
