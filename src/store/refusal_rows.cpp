#include "refusal_rows.h"

namespace suppressd {

Refusal read_refusal(const Statement& statement) {
  Refusal refusal;
  refusal.at = statement.time(0);
  refusal.address = statement.text(1);
  refusal.sender = statement.text(2);
  refusal.queue_id = statement.text(3);
  refusal.client = statement.text(4);
  refusal.kind = statement.text(5);
  refusal.category = statement.text(6);
  refusal.ref = statement.text(7);
  refusal.outcome = statement.text(8);
  return refusal;
}

void insert_refusals(Database& database, const std::vector<Refusal>& refusals, std::uint64_t dropped) {
  for (const Refusal& refusal : refusals)
    run(database,
        "INSERT INTO refusal(at, address, sender, queue_id, client, kind, category, ref, outcome)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        refusal.at, refusal.address, refusal.sender, refusal.queue_id, refusal.client, refusal.kind,
        refusal.category, refusal.ref, refusal.outcome);
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
