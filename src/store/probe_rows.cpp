#include "probe_rows.h"

namespace suppressd {

void columns(auto& column, RowOf<Probe> auto& probe) {
  column("address", probe.address);
  column.word("kind", probe.kind, suppression_kind_from);
  column("recipient", probe.recipient);
  column("queue_id", probe.queue_id);
  column("since", probe.since);
}

const TableSql& probe_sql() {
  static const auto sql = TableSql::of<Probe>("probe", 1);
  return sql;
}

std::vector<Probe> load_probes(Database& database) {
  static const std::string sql = "SELECT " + probe_sql().list("p") + " FROM probe AS p";
  std::vector<Probe> probes;
  Query query(database, sql);
  while (query.step()) read_columns(*query, 0, probes.emplace_back());
  return probes;
}

void save_probe(Database& database, const Probe& probe) {
  run_row(database, probe_sql().upsert, probe);
}

void remove_probe(Database& database, std::string_view address) {
  run(database, "DELETE FROM probe WHERE address = ?1", address);
}

// The queue manager names the sender of each message in the queue; of one that another filter refused at its
// end, only the entry is logged.
void remove_unseen_probes(Database& database, Time time) {
  run(database,
      "DELETE FROM probe WHERE since < ?1 AND NOT EXISTS"
      " (SELECT 1 FROM message AS m WHERE m.queue_id = probe.queue_id AND m.sender IS NOT NULL"
      "  AND m.entered >= probe.since - ?2)",
      time, static_cast<std::int64_t>(kProbeEntered.count()));
}

// Evaluated for entries that have ended only, so that all others cost nothing.
std::string half_open_columns(const std::string& entry, const std::string& now) {
  const auto of_ended = [&](const std::string& question) {
    return "CASE WHEN " + entry + ".until <= " + now + " THEN (SELECT " + question + ") END";
  };
  const auto of_probe = [&](const std::string& column) {
    return ", " + of_ended("p." + column + " FROM probe AS p WHERE p.address = " + entry + ".address");
  };
  return of_ended("CASE " + entry +
                  ".kind WHEN 'hard' THEN r.hard_step ELSE r.soft_step END FROM recipient AS r"
                  " WHERE r.address = " +
                  entry + ".address") +
         ", " + of_ended("value FROM meta WHERE name = 'soft.stale_after'") + of_probe("recipient") +
         of_probe("queue_id") + of_probe("since");
}

HalfOpenState read_half_open(const Statement& statement, int first, const Suppression& entry, Time now) {
  HalfOpenState state;
  const auto steps = static_cast<int>(statement.integer(first));
  const auto stale_after = statement.is_null(first + 1) ? kForever : Duration{statement.integer(first + 1)};
  state.half_open = is_half_open(entry, steps, stale_after, now);
  if (!state.half_open || statement.is_null(first + 2)) return state;
  state.probe = Probe{.address = entry.address,
                      .kind = entry.kind,
                      .recipient = std::string(statement.text(first + 2)),
                      .queue_id = std::string(statement.text(first + 3)),
                      .since = statement.time(first + 4)};
  return state;
}

}  // namespace suppressd
