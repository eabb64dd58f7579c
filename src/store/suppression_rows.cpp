#include "suppression_rows.h"

#include <algorithm>

#include "suppressd/store/write_listener.h"

namespace suppressd {

Suppression read_suppression(const Statement& statement, int first) {
  Suppression entry;
  entry.address = statement.text(first);
  entry.kind = suppression_kind_from(statement.text(first + 1)).value_or(SuppressionKind::manual);
  entry.state = suppression_state_from(statement.text(first + 2)).value_or(SuppressionState::active);
  entry.category = statement.text(first + 3);
  entry.rule = statement.text(first + 4);
  entry.provider = statement.text(first + 5);
  entry.since = statement.time(first + 6);
  entry.until = statement.maybe_time(first + 7);
  entry.ref = statement.text(first + 8);
  entry.evidence_id = statement.integer(first + 9);
  entry.note = statement.text(first + 10);
  entry.actor = statement.text(first + 11);
  return entry;
}

void load_entries(Database& database, std::string_view address, AddressRecord::Entries& entries) {
  static const std::string sql =
      "SELECT " + kSuppressionColumns + " FROM suppression AS s WHERE s.address = ?1";
  Query query(database, sql, address);
  while (query.step()) {
    Suppression entry = read_suppression(*query);
    auto& place = entries[static_cast<std::size_t>(entry.kind)];
    place = std::move(entry);
  }
}

void save_entry(Database& database, const Suppression& entry, bool stored) {
  if (auto* const filter = database.listener(); filter && !stored) filter->inserting(entry.address);
  // An entry from a clock that was ahead may be lifted before it began: it then begins when it ends.
  const Time since = entry.until ? std::min(entry.since, *entry.until) : entry.since;
  run(database,
      stored ? "UPDATE suppression SET state = ?3, category = ?4, rule = ?5, provider = ?6, since = ?7, "
               "until = ?8, ref = ?9, evidence = nullif(?10, 0), note = ?11, actor = ?12"
               " WHERE address = ?1 AND kind = ?2"
             : "INSERT INTO suppression(address, kind, state, category, rule, provider, since, until, ref, "
               "evidence, note, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, nullif(?10, 0), ?11, ?12)",
      entry.address, name_of(entry.kind), name_of(entry.state), entry.category, entry.rule, entry.provider,
      since, entry.until, entry.ref, entry.evidence_id, entry.note, entry.actor);
}

void remove_entry(Database& database, std::string_view address, SuppressionKind kind) {
  run(database, "DELETE FROM suppression WHERE address = ?1 AND kind = ?2", address, name_of(kind));
}

}  // namespace suppressd
