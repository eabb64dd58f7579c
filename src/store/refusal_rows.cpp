#include "refusal_rows.h"

namespace suppressd {

void columns(auto& column, RowOf<Refusal> auto& refusal) {
  column("at", refusal.at);
  column("address", refusal.address);
  column("sender", refusal.sender);
  column("queue_id", refusal.queue_id);
  column("client", refusal.client);
  column("kind", refusal.kind);
  column("category", refusal.category);
  column("ref", refusal.ref);
  column("outcome", refusal.outcome);
}

const TableSql& refusal_sql() {
  static const auto sql = TableSql::of<Refusal>("refusal");
  return sql;
}

Refusal read_refusal(const Statement& statement) {
  Refusal refusal;
  read_columns(statement, 0, refusal);
  return refusal;
}

void insert_refusals(Database& database, const std::vector<Refusal>& refusals, std::uint64_t dropped) {
  for (const Refusal& refusal : refusals) run_row(database, refusal_sql().insert, refusal);
  if (dropped == 0) return;
  std::optional<Time> newest;
  if (!refusals.empty()) newest = refusals.back().at;
  run(database,
      "INSERT INTO refusal_day(day, kind, category, outcome, count)"
      " VALUES (strftime('%Y-%m-%d', coalesce(?1, unixepoch()), 'unixepoch'), '', '', 'dropped', ?2)"
      " ON CONFLICT (day, kind, category, outcome) DO UPDATE SET count = count + excluded.count",
      newest, static_cast<std::int64_t>(dropped));
}

}  // namespace suppressd
