#include "evidence_rows.h"

namespace suppressd {

namespace {

// The columns up to the provider.
const std::string kEventColumns = kEvidenceColumns.substr(
    0, kEvidenceColumns.find(", e.code"));  // initialised before: it is in this file's header
constexpr std::string_view kEventKey =
    " address = ?1 AND at = ?2 AND host = ?3 AND instance = ?4 AND queue_id = ?5 AND what = ?6";

Evidence read_event(const Statement& row) {
  Evidence evidence;
  evidence.id = row.integer(0);
  auto& outcome = evidence.outcome;
  outcome.address = row.text(1);
  outcome.at = row.time(2);
  outcome.kind = outcome_kind_from(row.text(3)).value_or(OutcomeKind::failed);
  outcome.origin = origin_from(row.text(4)).value_or(Origin::log);
  outcome.message = {.host = std::string(row.text(5)),
                     .instance = std::string(row.text(6)),
                     .queue_id = std::string(row.text(7)),
                     .entered = row.time(8)};
  outcome.sender = row.text(9);
  outcome.first_failed = row.maybe_time(10);
  outcome.attempts = static_cast<int>(row.integer(11));
  outcome.ended_by = ended_by_from(row.text(12)).value_or(EndedBy::nothing);
  outcome.returned = row.integer(13) != 0;
  auto& judgement = outcome.reason.judgement;
  judgement.category = category_from(row.text(14)).value_or(Category::not_understood);
  judgement.action = action_from(row.text(15)).value_or(Action::none);
  judgement.weak = row.integer(16) != 0;
  judgement.rule = row.text(17);
  outcome.reason.provider = row.text(18);
  return evidence;
}

OutcomeKind kind_of(const EventId& event) {
  return event.kind == ListEventKind::complaint ? OutcomeKind::complaint : OutcomeKind::failed;
}

// `bounced` and `expired` are one phase.
constexpr std::string_view kOfPhase =
    " AND CASE ended_by WHEN 'window' THEN 0 WHEN 'report' THEN 2 ELSE 1 END = ?7";

}  // namespace

Evidence read_evidence(const Statement& row) {
  auto evidence = read_event(row);
  auto& reason = evidence.outcome.reason;
  reason.code = static_cast<int>(row.integer(19));
  reason.status = parse_enhanced_status(row.text(20)).value_or(EnhancedStatus{});
  reason.stage = stage_from(row.text(21)).value_or(Stage::unknown);
  reason.relay = row.text(22);
  reason.text = row.text(23);
  return evidence;
}

std::optional<Evidence> stored_evidence(Database& database, const Outcome& outcome) {
  static const std::string sql =
      "SELECT " + kEvidenceColumns +
      " FROM evidence AS e WHERE e.address = ?1 AND e.queue_id = ?2 AND e.what = ?3 ORDER BY e.id";
  Query row(database, sql, outcome.address, outcome.message.queue_id, name_of(outcome.kind));
  while (row.step()) {
    auto known = read_evidence(*row);
    if (same_event(known.outcome, outcome)) return known;
  }
  return std::nullopt;
}

// Not INSERT OR REPLACE: it copies each page that it changes first.
std::int64_t save_evidence(Database& database, const Evidence& evidence) {
  constexpr std::string_view kInsert =
      "INSERT INTO evidence(address, at, what, origin, host, instance, queue_id, entered, sender,"
      " first_failed, attempts, ended_by, returned, category, action, weak, rule, provider, code, status,"
      " stage, relay, text, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
      " ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, nullif(?24, 0))";
  constexpr std::string_view kUpdate =
      "UPDATE evidence SET address = ?1, at = ?2, what = ?3, origin = ?4, host = ?5, instance = ?6,"
      " queue_id = ?7, entered = ?8, sender = ?9, first_failed = ?10, attempts = ?11, ended_by = ?12,"
      " returned = ?13, category = ?14, action = ?15, weak = ?16, rule = ?17, provider = ?18, code = ?19,"
      " status = ?20, stage = ?21, relay = ?22, text = ?23 WHERE id = ?24";
  const auto& outcome = evidence.outcome;
  const auto& message = outcome.message;
  const auto& reason = outcome.reason;
  const auto& judgement = reason.judgement;
  run(database, evidence.id == 0 ? kInsert : kUpdate, outcome.address, outcome.at, name_of(outcome.kind),
      name_of(outcome.origin), message.host, message.instance, message.queue_id, message.entered,
      outcome.sender, outcome.first_failed, std::int64_t{outcome.attempts}, name_of(outcome.ended_by),
      std::int64_t{outcome.returned}, name_of(judgement.category), name_of(judgement.action),
      std::int64_t{judgement.weak}, judgement.rule, reason.provider, std::int64_t{reason.code},
      format_status(reason.status), name_of(reason.stage), reason.relay, reason.text, evidence.id);
  return evidence.id != 0 ? evidence.id : database.last_insert_id();
}

std::int64_t evidence_of(Database& database, std::string_view address, const EventId& event) {
  static const std::string sql =
      "SELECT id FROM evidence WHERE" + std::string(kEventKey) + std::string(kOfPhase);
  const auto& message = event.message;
  Query query(database, sql, address, event.ended, message.host, message.instance, message.queue_id,
              name_of(kind_of(event)), static_cast<std::int64_t>(event.phase));
  return query.step() ? query->integer(0) : 0;
}

std::vector<Outcome> outcomes_of(Database& database, std::string_view address, Time from) {
  static const std::string sql = "SELECT " + kEventColumns +
                                 " FROM evidence AS e WHERE e.address = ?1 AND e.at >= ?2"
                                 " AND (e.action <> 'none' OR e.returned = 1)";
  std::vector<Outcome> outcomes;
  Query query(database, sql, address, from);
  while (query.step()) outcomes.push_back(read_event(*query).outcome);
  return outcomes;
}

bool is_known(Database& database, const Outcome& reported) {
  static const std::string sql =
      "SELECT " + kEventColumns +
      " FROM evidence AS e WHERE e.address = ?1 AND e.queue_id = ?2 AND e.what = ?3"
      " AND e.ended_by <> 'window'";
  Query query(database, sql, reported.address, reported.message.queue_id, name_of(reported.kind));
  while (query.step()) {
    const auto known = read_event(*query).outcome.message;
    if (is_about(reported.message, known) || is_about(known, reported.message)) return true;
  }
  return false;
}

bool is_end_logged(Database& database, std::string_view address, const MessageKey& message) {
  static const std::string sql = "SELECT " + kEventColumns +
                                 " FROM evidence AS e WHERE e.address = ?1 AND e.queue_id = ?2"
                                 " AND e.what = 'failed' AND e.ended_by IN ('bounced', 'expired')";
  Query query(database, sql, address, message.queue_id);
  while (query.step())
    if (is_about(message, read_event(*query).outcome.message)) return true;
  return false;
}

}  // namespace suppressd
