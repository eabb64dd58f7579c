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

struct Table {
  bool of_list;
  std::string sql;
};

std::vector<Table> dump_queries() {
  return {
      {true,
       "SELECT json_object('table', 'suppression', 'address', address, 'kind', kind, 'state', "
       "state, 'category', category,"
       " 'rule', rule, 'provider', provider, 'since', " +
           iso("since") + ", 'until', " + iso("until") + ", 'ref', ref, 'evidence', " +
           evidence_key("suppression.evidence") +
           ", 'note', note, 'actor', actor) FROM suppression ORDER BY address, kind"},

      {true, "SELECT json_object('table', 'exemption', 'address', address, 'since', " + iso("since") +
                 ", 'note', note, 'actor', actor) FROM exemption ORDER BY address"},

      {true,
       "SELECT json_object('table', 'recipient', 'address', address, 'last_delivery', " +
           iso("last_delivery") + ", 'streak', streak, 'streak_since', " + iso("streak_since") +
           ", 'last_failure', " + iso("last_failure") +
           ", 'last_category', last_category, 'soft_step', soft_step, 'hard_step', hard_step) FROM recipient "
           "ORDER BY address"},

      {true, "SELECT json_object('table', 'act', 'at', " + iso("at") +
                 ", 'act', act, 'kind', kind, 'actor', actor, 'note', note, 'since', " + iso("since") +
                 ", 'until', " + iso("until") +
                 ", 'provider', provider, 'category', category, 'rule', rule, 'reverts',"
                 " (SELECT b.act || '|' || b.at || '|' || b.actor FROM act AS b WHERE b.number = "
                 "act.reverts), 'addresses',"
                 " (SELECT json_group_array(x.address) FROM (SELECT address FROM act_address WHERE number = "
                 "act.number"
                 " ORDER BY address) AS x)) FROM act ORDER BY number"},

      {true, "SELECT json_object('table', 'policy', 'since', " + iso("since") +
                 ", 'soft_threshold', soft_threshold, 'soft_min_interval', soft_min_interval,"
                 " 'soft_stale_after', soft_stale_after, 'soft_suppress_for', json(soft_suppress_for),"
                 " 'hard_weak_for', json(hard_weak_for), 'hard_bad_domain_for', json(hard_bad_domain_for),"
                 " 'report_window', report_window) FROM policy ORDER BY since"},

      {false,
       "SELECT json_object('table', 'message', 'queue_id', queue_id, 'host', host, 'instance', instance, "
       "'entered', " +
           iso("entered") + ", 'sender', sender, 'null_sender', null_sender, 'last_line', " +
           iso("last_line") +
           ", 'recipients', recipients, 'ended', ended, 'message', message) FROM message ORDER BY queue_id, "
           "host, instance, entered"},

      {false,
       "SELECT json_object('table', 'send', 'queue_id', queue_id, 'host', host, 'instance', instance, "
       "'entered', " +
           iso("entered") + ", 'address', address, 'first_failed', " + iso("first_failed") +
           ", 'last_failed', " + iso("last_failed") +
           ", 'attempts', attempts, 'deferred', deferred, 'counted', counted, 'category', category, "
           "'action', "
           "action, 'weak', weak,"
           " 'rule', rule, 'code', code, 'status', status, 'stage', stage, 'provider', provider, 'relay', "
           "relay, 'text', text)"
           " FROM send ORDER BY queue_id, host, instance, entered, address"},

      {true,
       "SELECT json_object('table', 'evidence', 'address', address, 'at', " + iso("at") +
           ", 'host', host, 'queue_id', queue_id, 'what', what, 'origin', origin, 'instance', instance, "
           "'entered', " +
           iso("entered") + ", 'sender', sender, 'first_failed', " + iso("first_failed") +
           ", 'attempts', attempts, 'ended_by', ended_by, 'returned', returned, 'category', category, "
           "'action', action, 'weak', weak, 'rule', rule, 'code', code,"
           " 'status', status, 'stage', stage, 'provider', provider, 'relay', relay, 'text', text)"
           " FROM evidence ORDER BY address, at, host, instance, queue_id, what, ended_by"},

      {false, "SELECT json_object('table', 'waiting', 'at', " + iso("at") +
                  ", 'outcome', CASE WHEN json_valid(outcome) THEN json(outcome) ELSE outcome END)"
                  " FROM waiting ORDER BY at, outcome"},

      {true, "SELECT json_object('table', 'delivery', 'message', message, 'address', address, 'at', " +
                 iso("at") + ", 'host', host, 'instance', instance, 'queue_id', queue_id, 'entered', " +
                 iso("entered") + ") FROM delivery ORDER BY message, address, at, host, instance, queue_id"},

      {false, "SELECT json_object('table', 'unproven', 'address', address, 'at', " + iso("at") +
                  ", 'what', what, 'category', category, 'why', why, 'queue_id', queue_id, 'reporting_mta', "
                  "reporting_mta, 'form', form,"
                  " 'status', status, 'text', text) AS line FROM unproven ORDER BY address, at, line"},

      // Without removals by retention, which depend on when it ran. An act is named by its natural key.
      {false,
       "SELECT json_object('table', 'audit', 'address', a.address, 'at', " + iso("a.at") +
           ", 'act', a.act, 'kind', a.kind, 'category', a.category, 'rule', a.rule, 'provider', a.provider, "
           "'evidence', " +
           evidence_key("a.evidence") +
           ", 'actor', a.actor, 'cause', a.cause, 'before', CASE WHEN a.before = '' THEN NULL ELSE "
           "json_replace(a.before, "
           "'$.entry.evidence', " +
           evidence_key("a.before ->> '$.entry.evidence'") +
           ") END, 'number', (SELECT b.act || '|' || b.at || '|' || b.actor FROM act AS b WHERE b.number = "
           "a.number)) AS line"
           " FROM audit AS a WHERE a.act <> 'expunged' ORDER BY a.address, a.at, line"},

      {false,
       "SELECT json_object('table', 'traffic', 'provider', provider, 'start', " + iso("start") +
           ", 'sends', sends, 'hard', hard, 'pending', pending) FROM traffic ORDER BY provider, start"},
  };
}

}  // namespace

Status dump(Database& database, const std::function<void(std::string_view line)>& write, DumpScope scope) {
  static const std::vector<Table> tables = dump_queries();
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    for (const auto& [of_list, sql] : tables) {
      if (scope == DumpScope::list && !of_list) continue;
      Query query(database, sql);
      while (query.step()) write(query->text(0));
    }
  });
}

}  // namespace suppressd
