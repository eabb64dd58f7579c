// Rows of `suppression`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <string_view>

#include "suppressd/core/address_record.h"

#include "columns.h"
#include "database.h"
#include "evidence_rows.h"

namespace suppressd {

void columns(auto& column, RowOf<Suppression> auto& entry) {
  column("address", entry.address);
  column.word("kind", entry.kind, suppression_kind_from);
  column("scope", entry.scope);
  column.word("state", entry.state, suppression_state_from);
  column("category", entry.category);
  column("rule", entry.rule);
  column("provider", entry.provider);
  column("since", entry.since);
  column("until", entry.until);
  column("ref", entry.ref);
  column.reference("evidence", entry.evidence_id, evidence_key);
  column("note", entry.note);
  column("actor", entry.actor);
}
const TableSql& suppression_sql();

Suppression read_suppression(const Statement& statement);

void load_entries(Database& database, AddressRecord& record);
/// Inserts the row, or updates it if it is `stored`. The constraints on addresses, which cost more than all
/// the rest, are only checked by an insertion.
void save_entry(Database& database, const Suppression& entry, bool stored);
void remove_entry(Database& database, const Suppression& entry);

}  // namespace suppressd
