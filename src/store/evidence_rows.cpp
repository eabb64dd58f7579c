#include "evidence_rows.h"

#include <algorithm>

#include "suppressd/core/address.h"
#include "suppressd/core/rate_mark.h"

#include "reason_columns.h"
#include "tag_columns.h"

namespace suppressd {

void columns(auto& column, RowOf<EvidenceRate> auto& rate) {
  column("sender_domain", rate.keys.sender_domain, kNotDumped);
  column("rate_provider", rate.keys.provider, kNotDumped);
  column("known_good", rate.known_good, kNotDumped);
  column.word("rate", rate.mark, rate_mark_from, kNotDumped);
}

void columns(auto& column, RowOf<Evidence> auto& evidence) {
  auto& outcome = evidence.outcome;
  auto& message = outcome.message;
  column.reference("id", evidence.id, kNotDumped);
  column("address", outcome.address);
  column("at", outcome.at);
  column("host", message.host);
  column("queue_id", message.queue_id);
  column.word("what", outcome.kind, outcome_kind_from);
  column.word("origin", outcome.origin, origin_from);
  column("instance", message.instance);
  column("entered", message.entered);
  column("sender", outcome.sender);
  column("first_failed", outcome.first_failed);
  column("attempts", outcome.attempts);
  column.word("ended_by", outcome.ended_by, ended_by_from);
  column("returned", outcome.returned);
  column("against", evidence.against);
  columns(column, outcome.tags);
  column("scope", evidence.scope);
  columns(column, outcome.reason);
  columns(column, evidence.rate);
  column("message_id", outcome.full_message_id, kNotDumped);
}

namespace {

// What the server said is long, and rarely needed.
std::string event_columns() {
  return evidence_sql().list("e", "relay");
}

// In place of `relay` and `text`: as needs_reply() says.
const std::string kTextIfNeeded =
    " CASE WHEN EXISTS (SELECT 1 FROM act AS a WHERE a.text <> '' AND a.since <= e.at AND a.until > e.at)"
    " THEN e.text ELSE '' END";
constexpr int kRateColumns = 4;

constexpr std::string_view kEventKey =
    " address = ?1 AND at = ?2 AND host = ?3 AND instance = ?4 AND queue_id = ?5 AND what = ?6";

OutcomeKind kind_of(const EventId& event) {
  return event.kind == ListEventKind::complaint ? OutcomeKind::complaint : OutcomeKind::failed;
}

// `bounced` and `expired` are one phase.
constexpr std::string_view kOfPhase =
    " AND CASE ended_by WHEN 'window' THEN 0 WHEN 'report' THEN 2 ELSE 1 END = ?7";

}  // namespace

const TableSql& evidence_sql() {
  static const auto sql = TableSql::of<Evidence>("evidence", 1);
  return sql;
}

Evidence read_evidence(const Statement& row) {
  Evidence evidence;
  evidence.outcome.kind = OutcomeKind::failed;
  read_columns(row, 0, evidence);
  return evidence;
}

std::string evidence_key(const std::string& column) {
  return "(SELECT e.address || '|' || e.at || '|' || e.host || '|' || e.queue_id || '|' || e.what FROM "
         "evidence AS e WHERE e.id = " +
         column + ")";
}

StoredEvidence stored_evidence(Database& database, const Outcome& outcome) {
  static const std::string sql =
      "SELECT " + evidence_sql().list("e") +
      " FROM evidence AS e WHERE e.address = ?1 AND e.queue_id = ?2 AND e.what = ?3 ORDER BY e.id";
  StoredEvidence stored;
  Query row(database, sql, outcome.address, outcome.message.queue_id, name_of(outcome.kind));
  while (row.step()) {
    auto known = read_evidence(*row);
    if (known.outcome.ended_by == EndedBy::report && !known.against.empty())
      stored.reported_against_domain = true;
    if (!stored.reading && same_event(known.outcome, outcome)) stored.reading = std::move(known);
  }
  return stored;
}

std::int64_t save_evidence(Database& database, const Evidence& evidence) {
  return save_row(database, evidence_sql(), evidence);
}

std::int64_t evidence_of(Database& database, std::string_view address, const EventId& event) {
  static const std::string sql =
      "SELECT id FROM evidence WHERE" + std::string(kEventKey) + std::string(kOfPhase);
  auto message = event.message;
  const auto mailed = is_whole_domain(address) ? address_in(message) : std::string(address);
  Query query(database, sql, mailed, event.ended, message.host, message.instance, message.queue_id,
              name_of(kind_of(event)), static_cast<std::int64_t>(event.phase));
  return query.step() ? query->integer(0) : 0;
}

std::vector<Evidence> events_from(Database& database, std::string_view address, Time from) {
  static const std::string select =
      "SELECT " + event_columns() + ", ''," + kTextIfNeeded + " FROM evidence AS e WHERE ";
  static const std::string of_address =
      select + "e.address = ?1 AND e.at >= ?2 AND (e.action <> 'none' OR e.returned = 1)";
  static const std::string of_domain = select + "e.against = ?1 AND e.at >= ?2 AND e.against <> ''";
  std::vector<Evidence> found;
  Query query(database, is_whole_domain(address) ? of_domain : of_address, address, from);
  while (query.step()) found.push_back(read_evidence(*query));
  return found;
}

std::int64_t failed_sends(Database& database, std::string_view address, Time from, Time to) {
  Query query(database,
              "SELECT count(*) FROM evidence WHERE address = ?1 AND at BETWEEN ?2 AND ?3 AND what = 'failed'"
              " AND origin = 'log'",
              address, from, to);
  return query.step() ? query->integer(0) : 0;
}

bool is_known(Database& database, const Outcome& reported) {
  static const std::string sql =
      "SELECT " + event_columns() +
      " FROM evidence AS e WHERE e.address = ?1 AND e.queue_id = ?2 AND e.what = ?3"
      " AND e.ended_by <> 'window'";
  Query query(database, sql, reported.address, reported.message.queue_id, name_of(reported.kind));
  while (query.step()) {
    const auto known = read_evidence(*query).outcome.message;
    if (is_about(reported.message, known) || is_about(known, reported.message)) return true;
  }
  return false;
}

bool is_end_logged(Database& database, std::string_view address, const MessageKey& message) {
  static const std::string sql = "SELECT " + event_columns() +
                                 " FROM evidence AS e WHERE e.address = ?1 AND e.queue_id = ?2"
                                 " AND e.what = 'failed' AND e.ended_by IN ('bounced', 'expired')";
  Query query(database, sql, address, message.queue_id);
  while (query.step())
    if (is_about(message, read_evidence(*query).outcome.message)) return true;
  return false;
}

bool is_other_evidence(Database& database, std::string_view address, std::string_view queue_id) {
  return Query(database, "SELECT 1 FROM evidence WHERE address = ?1 AND queue_id = ?2 LIMIT 1", address,
               queue_id)
      .step();
}

// Three queries: one with UNION takes ten times as long.
std::vector<Evidence> rated_evidence(Database& database, std::string_view address, Time ended, Time entered,
                                     std::string_view queue_id) {
  static const std::string select = "SELECT e.sender_domain, e.rate_provider, e.known_good, e.rate, " +
                                    event_columns() + " FROM evidence AS e";
  static const std::string failures =
      select + " WHERE e.address = ?1 AND e.at >= ?2 AND (e.action <> 'none' OR e.returned = 1)";
  static const std::string dead = select + " WHERE e.address = ?1 AND e.entered >= ?2 AND e.rate = 'dead'";
  static const std::string of_message = select + " WHERE e.address = ?1 AND e.queue_id = ?2";
  std::vector<Evidence> rows;
  const auto read = [&](Query&& query) {
    while (query.step()) {
      auto& row = rows.emplace_back();
      row.outcome.kind = OutcomeKind::failed;
      read_columns(*query, 0, row.rate);
      read_columns(*query, kRateColumns, row);
    }
  };
  if (ended != Time::max()) {
    read(Query(database, failures, address, ended));
    read(Query(database, dead, address, entered));
  }
  if (!queue_id.empty()) read(Query(database, of_message, address, queue_id));
  std::ranges::sort(rows, {}, &Evidence::id);
  const auto [first, last] = std::ranges::unique(rows, {}, &Evidence::id);
  rows.erase(first, last);
  return rows;
}

void set_rate_mark(Database& database, std::int64_t id, RateMark mark) {
  run(database, "UPDATE evidence SET rate = ?2 WHERE id = ?1", id, name_of(mark));
}

}  // namespace suppressd
