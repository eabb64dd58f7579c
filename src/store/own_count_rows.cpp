#include "own_count_rows.h"

#include "incident_rows.h"

namespace suppressd {

void columns(auto& column, RowOf<LocalAttemptRow> auto& row) {
  column("host", row.host);
  column("start", row.start);
  column("domains", row.domains);
}

void columns(auto& column, RowOf<SenderSendRow> auto& row) {
  column("provider", row.provider);
  column("start", row.start);
  columns(column, row.side);
  column("text", row.text);
  column("others", row.others);
  column("sends", row.sends);
  column("example", row.example, kNotDumped);
}

const TableSql& local_attempt_sql() {
  static const auto sql = TableSql::of<LocalAttemptRow>("local_attempt", 2);
  return sql;
}

const TableSql& sender_send_sql() {
  static const auto sql = TableSql::of<SenderSendRow>("sender_send", 6);
  return sql;
}

std::vector<LocalAttemptRow> load_local_attempts(Database& database) {
  static const std::string sql = "SELECT " + local_attempt_sql().list("a") + " FROM local_attempt AS a";
  std::vector<LocalAttemptRow> rows;
  Query query(database, sql);
  while (query.step()) read_columns(*query, 0, rows.emplace_back());
  return rows;
}

std::vector<SenderSendRow> load_sender_sends(Database& database) {
  static const std::string sql = "SELECT " + sender_send_sql().list("s") + " FROM sender_send AS s";
  std::vector<SenderSendRow> rows;
  Query query(database, sql);
  while (query.step()) read_columns(*query, 0, rows.emplace_back());
  return rows;
}

void save_local_attempt(Database& database, const LocalAttemptRow& row) {
  run_row(database, local_attempt_sql().upsert, row);
}

void save_sender_send(Database& database, const SenderSendRow& row) {
  run_row(database, sender_send_sql().upsert, row);
}

void forget_own_counts(Database& database, std::string_view host, Time before) {
  run(database, "DELETE FROM local_attempt WHERE host = ?1 AND start < ?2", host, before);
  run(database, "DELETE FROM sender_send WHERE host = ?1 AND start < ?2", host, before);
}

std::vector<std::string> failed_in(Database& database, const OwnRange& range) {
  std::vector<std::string> addresses;
  if (range.provider.empty()) {
    Query query(database,
                "SELECT DISTINCT CASE against WHEN '' THEN address ELSE against END FROM evidence"
                " WHERE host = ?1 AND at >= ?2 AND at < ?3 AND (action = 'soft' OR category = 'bad-domain')"
                " ORDER BY 1",
                range.side.host, range.begin, range.end);
    while (query.step()) addresses.emplace_back(query->text(0));
    return addresses;
  }
  Query query(
      database,
      "SELECT DISTINCT address FROM evidence WHERE provider = ?1 AND at >= ?2 AND at < ?3"
      " AND action = 'hard' AND weak = 1 AND (?4 = '' OR host = ?4) AND (?5 = '' OR sender_domain = ?5)"
      " AND (?6 = '' OR campaign = ?6) ORDER BY address",
      range.provider, range.begin, range.end, range.side.host, range.side.sender_domain, range.side.campaign);
  while (query.step()) addresses.emplace_back(query->text(0));
  return addresses;
}

}  // namespace suppressd
