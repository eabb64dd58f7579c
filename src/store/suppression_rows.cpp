#include "suppression_rows.h"

#include "suppressd/store/write_listener.h"

namespace suppressd {

const TableSql& suppression_sql() {
  static const auto sql = TableSql::of<Suppression>("suppression", 3);
  return sql;
}

Suppression read_suppression(const Statement& statement) {
  Suppression entry;
  read_columns(statement, 0, entry);
  return entry;
}

void load_entries(Database& database, AddressRecord& record) {
  static const std::string sql =
      "SELECT " + suppression_sql().list("s") + " FROM suppression AS s WHERE s.address = ?1";
  Query query(database, sql, record.address);
  while (query.step()) {
    Suppression entry = read_suppression(*query);
    const auto kind = entry.kind;
    const auto scope = entry.scope;
    record.set(kind, scope, std::move(entry));
  }
}

void save_entry(Database& database, const Suppression& entry, bool stored) {
  if (auto* const filter = database.listener(); filter && !stored) filter->inserting(entry.address);
  const auto& sql = stored ? suppression_sql().update : suppression_sql().insert;
  if (!entry.until || entry.since <= *entry.until) return run_row(database, sql, entry);
  // An entry from a clock that was ahead may be lifted before it began: it then begins when it ends.
  auto lifted = entry;
  lifted.since = *entry.until;
  run_row(database, sql, lifted);
}

void remove_entry(Database& database, const Suppression& entry) {
  run(database, "DELETE FROM suppression WHERE address = ?1 AND kind = ?2 AND scope = ?3", entry.address,
      name_of(entry.kind), entry.scope);
}

}  // namespace suppressd
