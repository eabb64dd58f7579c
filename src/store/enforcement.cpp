// Enforcement off and on: rows of `enforcement_off`, for the Ledger and its batches.
#include "columns.h"
#include "enforcement_rows.h"
#include "failure.h"
#include "ledger_state.h"

namespace suppressd {

void columns(auto& column, RowOf<EnforcementOff> auto& off) {
  column("since", off.since);
  column("until", off.until);
  column("actor", off.actor);
  column("note", off.note);
}

namespace {

const TableSql& enforcement_sql() {
  static const auto sql = TableSql::of<EnforcementOff>("enforcement_off", 1);
  return sql;
}

constexpr std::string_view kEnd = "UPDATE enforcement_off SET until = ?1 WHERE since <= ?1 AND until > ?1";

}  // namespace

std::string is_off(const std::string& now) {
  return "coalesce((SELECT until > " + now + " FROM enforcement_off WHERE since <= " + now +
         " ORDER BY since DESC LIMIT 1), 0)";
}

std::optional<EnforcementOff> enforcement_off(Database& database, Time now) {
  static const std::string sql = "SELECT " + enforcement_sql().list("f") +
                                 " FROM enforcement_off AS f WHERE f.since <= ?1"
                                 " ORDER BY f.since DESC LIMIT 1";
  Query query(database, sql, now);
  if (!query.step()) return std::nullopt;
  EnforcementOff off;
  read_columns(*query, 0, off);
  if (off.until <= now) return std::nullopt;
  return off;
}

Status Batch::end_enforcement(const EnforcementOff& off) {
  return state_->within([&] {
    run(state_->database, kEnd, off.since);
    // Of a clock that was ahead, or of the same second.
    run(state_->database, "DELETE FROM enforcement_off WHERE since >= ?1", off.since);
    run_row(state_->database, enforcement_sql().insert, off);
  });
}

Result<bool> Batch::resume_enforcement(Time now) {
  return state_->within([&] {
    run(state_->database, kEnd, now);
    const bool ended = state_->database.changes() != 0;
    run(state_->database, "DELETE FROM enforcement_off WHERE since > ?1", now);
    return ended || state_->database.changes() != 0;
  });
}

Result<std::optional<EnforcementOff>> Ledger::enforcement_off(Time now) {
  return guarded(state_->database, [&] { return suppressd::enforcement_off(state_->database, now); });
}

}  // namespace suppressd
