#include "suppressd/store/undo.h"

#include "evidence_rows.h"
#include "failure.h"
#include "record_rows.h"
#include "suppression_rows.h"

namespace suppressd {
namespace {

// Parameters ?1 to ?6: since, until, provider, category, rule, now.
const std::string kMatching =
    "s.scope = '' AND s.kind IN ('hard', 'soft') AND s.since >= ?1 AND s.since < ?2"
    " AND (?3 = '' OR s.provider = ?3)"
    " AND (?4 = '' OR s.category = ?4) AND (?5 = '' OR s.rule = ?5) AND (s.until IS NULL OR s.until > ?6)";

// Parameters ?7 to ?9: actor, cause, batch.
const std::string kAudit =
    "INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause, before,"
    " batch)"
    " SELECT ?6, s.address, 'lifted', s.kind, s.category, s.rule, s.provider, s.evidence, ?7, ?8,"
    " json_object('entry', json_object('address', s.address, 'kind', s.kind, 'state', s.state,"
    " 'category', s.category, 'rule', s.rule, 'provider', s.provider, 'since', s.since, 'until', s.until, "
    "'ref', s.ref, 'evidence', s.evidence,"
    " 'contradicted_at', s.contradicted_at, 'note', s.note, 'actor', s.actor),"
    " 'recipient', CASE WHEN r.address IS NULL THEN NULL ELSE json_object('last_delivery', r.last_delivery,"
    " 'last_delivery_id', r.last_delivery_id, 'last_manual', r.last_manual,"
    " 'streak', r.streak, 'streak_since', r.streak_since, 'last_failure', r.last_failure, "
    "'last_failure_entered', r.last_failure_entered,"
    " 'last_category', r.last_category, 'soft_step', r.soft_step, 'hard_step', r.hard_step) END), ?9"
    " FROM suppression AS s LEFT JOIN recipient AS r ON r.address = s.address WHERE " +
    kMatching + " ORDER BY s.address, s.kind";

const std::string kFind = "SELECT " + kSuppressionColumns + " FROM suppression AS s WHERE " + kMatching +
                          " ORDER BY s.address, s.kind";
const std::string kLift =
    "UPDATE suppression AS s SET until = ?6, since = min(s.since, ?6) WHERE " + kMatching;

constexpr std::string_view kBeginAnew =
    "INSERT INTO recipient(address, last_manual) SELECT DISTINCT address, ?1 FROM audit WHERE batch = ?2 AND "
    "address NOT GLOB '@*'"
    " ON CONFLICT (address) DO UPDATE SET last_manual = excluded.last_manual, streak = 0, streak_since = "
    "NULL, soft_step = 0, hard_step = 0";

// What an undo lifted and nobody has touched since: entry and recipient still are as the undo left them.
const std::string kUntouched =
    "SELECT b.address, b.kind, b.state, b.category, b.rule, b.provider, b.before ->> '$.entry.since', "
    "b.before ->> '$.entry.until',"
    " b.before ->> '$.entry.ref', b.evidence, b.before ->> '$.entry.note', b.before ->> '$.entry.actor',"
    " b.before ->> '$.entry.contradicted_at', r.address IS NOT NULL, b.before ->> "
    "'$.recipient.last_delivery',"
    " b.before ->> '$.recipient.last_manual', b.before ->> '$.recipient.streak', b.before ->> "
    "'$.recipient.streak_since',"
    " b.before ->> '$.recipient.last_failure', b.before ->> '$.recipient.last_failure_entered',"
    " b.before ->> '$.recipient.last_category', b.before ->> '$.recipient.soft_step', b.before ->> "
    "'$.recipient.hard_step', b.before ->> '$.recipient.last_delivery_id'"
    " FROM (SELECT *, before ->> '$.entry.state' AS state FROM audit WHERE batch = ?1 AND act = 'lifted' AND "
    "before <> '') AS b JOIN suppression AS s ON s.address = b.address AND s.kind = b.kind AND s.scope = ''"
    " LEFT JOIN recipient AS r ON r.address = b.address"
    " WHERE s.until = b.at AND s.state = b.state"
    " AND (b.address GLOB '@*' OR (r.last_manual = b.at AND r.streak = 0"
    "      AND r.last_delivery IS b.before ->> '$.recipient.last_delivery' AND r.last_failure IS b.before "
    "->> '$.recipient.last_failure'))"
    " AND NOT EXISTS (SELECT 1 FROM audit AS l WHERE l.address = b.address AND l.id > b.id AND l.batch IS "
    "NOT b.batch) ORDER BY b.address, b.kind";

struct Restorable {
  Suppression entry;
  Recipient recipient;
};

Restorable read_restorable(const Statement& statement) {
  Restorable row;
  row.entry = read_suppression(statement);
  int column = kSuppressionColumnCount + 1;
  row.recipient.last_delivery = statement.maybe_time(column++);
  row.recipient.last_manual = statement.maybe_time(column++);
  row.recipient.streak = static_cast<int>(statement.integer(column++));
  row.recipient.streak_since = statement.maybe_time(column++);
  row.recipient.last_failure = statement.maybe_time(column++);
  row.recipient.last_failure_entered = statement.maybe_time(column++);
  row.recipient.last_category = statement.text(column++);
  row.recipient.soft_step = static_cast<int>(statement.integer(column++));
  row.recipient.hard_step = static_cast<int>(statement.integer(column++));
  row.recipient.last_delivery_id = statement.text(column++);
  return row;
}

std::vector<Restorable> untouched(Database& database, std::int64_t batch) {
  std::vector<Restorable> rows;
  Query query(database, kUntouched, batch);
  while (query.step()) rows.push_back(read_restorable(*query));
  return rows;
}

std::int64_t new_batch(Database& database, std::string_view act, std::string_view actor, Time now) {
  run(database, "INSERT INTO batch(at, act, actor) VALUES (?1, ?2, ?3)", now, act, actor);
  return database.last_insert_id();
}

bool is_undo(Database& database, std::int64_t batch) {
  return Query(database, "SELECT 1 FROM batch WHERE id = ?1 AND act = 'undo'", batch).step();
}

std::string cause_of(const UndoFilter& filter) {
  std::string cause =
      "undo of what was learned from " + format_time(filter.since) + " to " + format_time(filter.until);
  if (!filter.provider.empty()) cause += " at " + filter.provider;
  if (!filter.category.empty()) cause += ", category " + filter.category;
  if (!filter.rule.empty()) cause += ", rule " + filter.rule;
  return cause;
}

}  // namespace

Result<UndoReport> undo(Database& database, const UndoFilter& filter, std::string_view actor, Time now,
                        bool dry_run) {
  return guarded(database, [&] {
    std::optional<Transaction> transaction;
    if (!dry_run) {
      database.synchronous_full(true);
      transaction.emplace(database);
    }
    UndoReport report;
    {
      Query query(database, kFind, filter.since, filter.until, filter.provider, filter.category, filter.rule,
                  now);
      while (query.step()) report.entries.push_back(read_suppression(*query));
    }
    if (dry_run || report.entries.empty()) return report;
    report.batch = new_batch(database, "undo", actor, now);
    run(database, kAudit, filter.since, filter.until, filter.provider, filter.category, filter.rule, now,
        actor, cause_of(filter), report.batch);
    run(database, kLift, filter.since, filter.until, filter.provider, filter.category, filter.rule, now);
    run(database, kBeginAnew, now, report.batch);
    transaction->commit();
    return report;
  });
}

Result<UndoReport> restore(Database& database, std::int64_t batch, std::string_view actor, Time now,
                           bool dry_run) {
  bool known = true;
  Result<UndoReport> restored = guarded(database, [&] {
    std::optional<Transaction> transaction;
    if (!dry_run) {
      database.synchronous_full(true);
      transaction.emplace(database);
    }
    UndoReport report;
    known = is_undo(database, batch);
    const std::vector<Restorable> rows = untouched(database, batch);
    for (const Restorable& row : rows) report.entries.push_back(row.entry);
    if (dry_run || rows.empty()) return report;
    report.batch = new_batch(database, "restore", actor, now);
    for (const auto& [entry, recipient] : rows) {
      AddressRecord record{.address = entry.address, .recipient = recipient, .entries = {}, .exempt = false};
      record.entry(entry.kind) = entry;
      StoredRows stored{.recipient = true, .entries = {}};
      stored.entries[static_cast<std::size_t>(entry.kind)] = true;
      save_record(database, record, stored);
      insert_change(database, {.at = now,
                               .address = entry.address,
                               .act = "restored",
                               .kind = std::string(name_of(entry.kind)),
                               .category = entry.category,
                               .rule = entry.rule,
                               .provider = entry.provider,
                               .evidence_id = entry.evidence_id,
                               .actor = std::string(actor),
                               .cause = "undo " + std::to_string(batch) + " taken back",
                               .before = {},
                               .batch = report.batch});
    }
    transaction->commit();
    return report;
  });
  if (!known)
    return Error{"there is no undo number " + std::to_string(batch) +
                 ": `suppressctl undo` printed the number when it was made"};
  return restored;
}

}  // namespace suppressd
