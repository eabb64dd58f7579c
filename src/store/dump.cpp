#include "dump.h"

#include <string>
#include <vector>

#include "failure.h"

namespace suppressd {
namespace {

/// SQL for a time as ISO 8601 text; NULL stays NULL.
std::string iso(const std::string& column) {
  return "strftime('%Y-%m-%dT%H:%M:%SZ', " + column + ", 'unixepoch')";
}

/// SQL for the natural key of the evidence that `reference` names, as natural_key() writes it.
std::string evidence_key(const std::string& reference) {
  return "(SELECT e.address || '|' || e.at || '|' || e.host || '|' || e.queue_id || '|' || e.what FROM "
         "evidence AS e WHERE e.id = " +
         reference + ")";
}

std::vector<std::string> dump_queries() {
  return {
      "SELECT json_object('table', 'suppression', 'address', address, 'kind', kind, 'scope', scope, 'state', "
      "state, 'category', category, 'rule', rule, 'provider', provider, 'since', " +
          iso("since") + ", 'until', " + iso("until") + ", 'ref', ref, 'evidence', " +
          evidence_key("suppression.evidence") + ", 'contradicted_at', " + iso("contradicted_at") +
          ", 'node', node, 'note', note, 'actor', actor) FROM suppression ORDER BY address, kind, scope",

      "SELECT json_object('table', 'exemption', 'address', address, 'since', " + iso("since") +
          ", 'note', note, 'actor', actor) FROM exemption ORDER BY address",

      "SELECT json_object('table', 'recipient', 'address', address, 'last_delivery', " +
          iso("last_delivery") + ", 'last_delivery_id', last_delivery_id, 'last_manual', " +
          iso("last_manual") + ", 'streak', streak, 'streak_since', " + iso("streak_since") +
          ", 'last_failure', " + iso("last_failure") + ", 'last_failure_entered', " +
          iso("last_failure_entered") +
          ", 'last_category', last_category, 'soft_step', soft_step, 'hard_step', hard_step) FROM recipient "
          "ORDER BY address",

      "SELECT json_object('table', 'message', 'queue_id', queue_id, 'host', host, 'instance', instance, "
      "'entered', " +
          iso("entered") + ", 'sender', sender, 'null_sender', null_sender, 'last_line', " +
          iso("last_line") +
          ", 'recipients', recipients, 'ended', ended, 'message', message) FROM message ORDER BY queue_id, "
          "host, instance, entered",

      "SELECT json_object('table', 'send', 'queue_id', queue_id, 'host', host, 'instance', instance, "
      "'entered', " +
          iso("entered") + ", 'address', address, 'first_failed', " + iso("first_failed") +
          ", 'last_failed', " + iso("last_failed") +
          ", 'attempts', attempts, 'deferred', deferred, 'counted', counted, 'category', category, 'action', "
          "action, 'weak', weak,"
          " 'rule', rule, 'code', code, 'status', status, 'stage', stage, 'provider', provider, 'relay', "
          "relay, 'text', text) FROM send ORDER BY queue_id, host, instance, entered, address",

      "SELECT json_object('table', 'evidence', 'address', address, 'at', " + iso("at") +
          ", 'host', host, 'queue_id', queue_id, 'what', what, 'origin', origin, 'instance', instance, "
          "'entered', " +
          iso("entered") + ", 'sender', sender, 'first_failed', " + iso("first_failed") +
          ", 'attempts', attempts, 'ended_by', ended_by, 'category', category, 'action', action, 'weak', "
          "weak, 'rule', rule, 'code', code,"
          " 'status', status, 'stage', stage, 'provider', provider, 'relay', relay, 'text', text)"
          " FROM evidence ORDER BY address, at, host, queue_id, what",

      "SELECT json_object('table', 'delivery', 'address', address, 'at', " + iso("at") +
          ", 'host', host, 'queue_id', queue_id, 'instance', instance, 'entered', " + iso("entered") +
          ", 'message', message, 'last_delivery', " + iso("last_delivery") +
          ", 'last_delivery_id', last_delivery_id, 'last_manual', " + iso("last_manual") +
          ", 'streak', streak, 'streak_since', " + iso("streak_since") + ", 'last_failure', " +
          iso("last_failure") + ", 'last_failure_entered', " + iso("last_failure_entered") +
          ", 'last_category', last_category, 'soft_step', soft_step, 'hard_step', hard_step, 'soft_since', " +
          iso("soft_since") + ", 'soft_until', " + iso("soft_until") + ", 'hard_since', " +
          iso("hard_since") + ", 'hard_until', " + iso("hard_until") +
          ", 'hard_state', hard_state, 'hard_contradicted_at', " + iso("hard_contradicted_at") +
          ") FROM delivery ORDER BY address, at, queue_id, host",

      "SELECT json_object('table', 'unproven', 'address', address, 'at', " + iso("at") +
          ", 'what', what, 'category', category, 'why', why, 'queue_id', queue_id, 'reporting_mta', "
          "reporting_mta, 'form', form,"
          " 'status', status, 'text', text) AS line FROM unproven ORDER BY address, at, line",

      // Removals by retention depend on when it ran. A batch is named by what it was.
      "SELECT json_object('table', 'audit', 'address', a.address, 'at', " + iso("a.at") +
          ", 'act', a.act, 'kind', a.kind, 'category', a.category, 'rule', a.rule, 'provider', a.provider, "
          "'evidence', " +
          evidence_key("a.evidence") +
          ", 'actor', a.actor, 'cause', a.cause, 'before', CASE WHEN a.before = '' THEN NULL ELSE "
          "json_replace(a.before, '$.entry.evidence', " +
          evidence_key("a.before ->> '$.entry.evidence'") +
          ") END, 'batch', (SELECT b.act || '|' || b.at || '|' || b.actor FROM batch AS b WHERE b.id = "
          "a.batch)) AS line FROM audit AS a WHERE a.act <> 'expunged' ORDER BY a.address, a.at, line",

      "SELECT json_object('table', 'traffic', 'provider', provider, 'start', " + iso("start") +
          ", 'attempts', attempts, 'hard', hard) FROM traffic ORDER BY provider, start",

      "SELECT json_object('table', 'rate', 'day', day, 'sender_domain', sender_domain, 'provider', provider, "
      "'tag', tag,"
      " 'delivered', delivered, 'hard', hard, 'soft', soft, 'other', other, 'complaint', complaint)"
      " FROM rate ORDER BY day, sender_domain, provider, tag",
  };
}

}  // namespace

Status dump(Database& database, const std::function<void(std::string_view line)>& write) {
  static const std::vector<std::string> queries = dump_queries();
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    for (const std::string& sql : queries) {
      Query query(database, sql);
      while (query.step()) write(query->text(0));
    }
  });
}

}  // namespace suppressd
