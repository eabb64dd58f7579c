#include "dump.h"

#include <string>
#include <vector>

#include "act_rows.h"
#include "audit_rows.h"
#include "delivery_rows.h"
#include "domain_rows.h"
#include "evidence_rows.h"
#include "exemption_rows.h"
#include "failure.h"
#include "incident_rows.h"
#include "message_rows.h"
#include "own_count_rows.h"
#include "policy_rows.h"
#include "rate_rows.h"
#include "record_rows.h"
#include "spam_rate_rows.h"
#include "suppression_rows.h"
#include "unproven_rows.h"

namespace suppressd {
namespace {

struct Table {
  bool of_list;
  std::string sql;
};

std::vector<Table> dump_queries() {
  return {
      {true, suppression_sql().dump + " ORDER BY address, kind, scope"},
      {true, exemption_sql().dump + " ORDER BY address"},
      {true, recipient_sql().dump + " ORDER BY address"},
      {true, domain_sql().dump + " ORDER BY domain"},
      {false,
       "SELECT json_object('table', 'domain', 'domain', domain, 'hours', hours) FROM domain ORDER BY domain"},
      {true, act_sql().dump + " ORDER BY number"},
      {true, policy_sql().dump + " ORDER BY since"},
      {false, message_sql().dump + " ORDER BY queue_id, host, instance, entered"},
      {false, send_sql().dump + " ORDER BY queue_id, host, instance, entered, address"},
      {true, evidence_sql().dump + " ORDER BY address, at, host, instance, queue_id, what, ended_by"},
      {false, "SELECT json_object('table', 'waiting', 'at', " + as_time("at") +
                  ", 'outcome', CASE WHEN json_valid(outcome) THEN json(outcome) ELSE outcome END)"
                  " FROM waiting ORDER BY at, outcome"},
      {true, delivery_sql().dump + " ORDER BY message, address, at, host, instance, queue_id"},
      {false, unproven_sql().dump + " ORDER BY address, at, line"},
      // Without removals by retention, which depend on when it ran.
      {false, change_sql().dump + " WHERE act <> 'expunged' ORDER BY address, at, line"},
      {false, traffic_sql().dump + " ORDER BY provider, start"},
      {true, incident_sql().dump + " ORDER BY provider, domain, since"},
      {false, local_attempt_sql().dump + " ORDER BY host, start"},
      {false, sender_send_sql().dump + " ORDER BY provider, start, host, sender_domain, campaign, text"},
      {false, known_good_sql().dump + " ORDER BY provider, domain, start"},
      // Without alerts, which depend on where batches end.
      {false, rate_dump()},
      {false, spam_rate_sql().dump + " ORDER BY domain, day"},
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
