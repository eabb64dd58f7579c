#include "evidence_rows.h"

namespace suppressd {

Evidence read_evidence(const Statement& statement) {
  Evidence evidence;
  evidence.id = statement.integer(0);
  evidence.address = statement.text(1);
  evidence.at = statement.time(2);
  evidence.what = statement.text(3);
  evidence.origin = statement.text(4);
  evidence.host = statement.text(5);
  evidence.instance = statement.text(6);
  evidence.queue_id = statement.text(7);
  evidence.entered = statement.maybe_time(8);
  evidence.sender = statement.text(9);
  evidence.first_failed = statement.maybe_time(10);
  evidence.attempts = static_cast<int>(statement.integer(11));
  evidence.ended_by = statement.text(12);
  evidence.category = statement.text(13);
  evidence.action = statement.text(14);
  evidence.rule = statement.text(15);
  evidence.code = static_cast<int>(statement.integer(16));
  evidence.status = statement.text(17);
  evidence.stage = statement.text(18);
  evidence.provider = statement.text(19);
  evidence.relay = statement.text(20);
  evidence.text = statement.text(21);
  evidence.weak = statement.integer(22) != 0;
  return evidence;
}

std::int64_t insert_evidence(Database& database, const Evidence& evidence) {
  run(database,
      "INSERT INTO evidence(address, at, what, origin, host, instance, queue_id, entered, sender,"
      " first_failed, attempts, ended_by, category, action, rule, code, status, stage, provider, relay, text,"
      " weak)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
      " ?21, ?22)"
      " ON CONFLICT (address, at, host, queue_id, what) DO NOTHING",
      evidence.address, evidence.at, evidence.what, evidence.origin, evidence.host, evidence.instance,
      evidence.queue_id, evidence.entered, evidence.sender, evidence.first_failed,
      std::int64_t{evidence.attempts}, evidence.ended_by, evidence.category, evidence.action, evidence.rule,
      std::int64_t{evidence.code}, evidence.status, evidence.stage, evidence.provider, evidence.relay,
      evidence.text, std::int64_t{evidence.weak});
  if (database.changes() == 1) return database.last_insert_id();
  Query known(
      database,
      "SELECT id FROM evidence WHERE address = ?1 AND at = ?2 AND host = ?3 AND queue_id = ?4 AND what = ?5",
      evidence.address, evidence.at, evidence.host, evidence.queue_id, evidence.what);
  return known.step() ? known->integer(0) : 0;
}

Change read_change(const Statement& statement) {
  Change change;
  change.at = statement.time(0);
  change.address = statement.text(1);
  change.act = statement.text(2);
  change.kind = statement.text(3);
  change.category = statement.text(4);
  change.rule = statement.text(5);
  change.provider = statement.text(6);
  change.evidence_id = statement.integer(7);
  change.actor = statement.text(8);
  change.cause = statement.text(9);
  change.before = statement.text(10);
  change.batch = statement.integer(11);
  return change;
}

void insert_change(Database& database, const Change& change) {
  run(database,
      "INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause, before,"
      " batch)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0), ?9, ?10, ?11, nullif(?12, 0))",
      change.at, change.address, change.act, change.kind, change.category, change.rule, change.provider,
      change.evidence_id, change.actor, change.cause, change.before, change.batch);
}

}  // namespace suppressd
