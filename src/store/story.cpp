#include "story.h"

#include <algorithm>
#include <string>

#include "suppressd/core/address.h"

#include "audit_rows.h"
#include "deciding_entry.h"
#include "evidence_rows.h"
#include "failure.h"
#include "message_rows.h"
#include "record_rows.h"
#include "refusal_rows.h"

namespace suppressd {
namespace {

/// The rows of a query that returns the newest 1000, newest first; here the oldest come first.
template <typename Row>
std::vector<Row> oldest_first(Database& database, const std::string& sql, std::string_view address,
                              Row (*read)(const Statement&)) {
  std::vector<Row> rows;
  Query query(database, sql, address);
  while (query.step()) rows.push_back(read(*query));
  std::reverse(rows.begin(), rows.end());
  return rows;
}

std::vector<Send> sends_to(Database& database, std::string_view address) {
  static const std::string sql = "SELECT " + send_sql().list("d") +
                                 " FROM send AS d WHERE d.address = ?1 ORDER BY d.first_failed, d.queue_id";
  std::vector<Send> sends;
  Query query(database, sql, address);
  while (query.step()) sends.push_back(read_send(*query));
  return sends;
}

/// The most specific key after the address itself; empty: there is no other.
std::string next_key(const CoveringKeys& keys) {
  if (!keys.base().empty()) return keys.base();
  if (keys.domain() != keys.address()) return keys.domain();
  std::string nearest;
  keys.any_parent([&](std::string_view parent) {
    nearest = parent;
    return true;
  });
  return nearest;
}

std::vector<Evidence> evidence_of(Database& database, std::string_view address) {
  static const std::string all = "SELECT " + evidence_sql().list("e") + " FROM evidence AS e WHERE ";
  static const std::string newest = " ORDER BY e.at DESC, e.id DESC LIMIT 1000";
  static const std::string of_address = all + "e.address = ?1" + newest;
  static const std::string of_domain = all + "e.against = ?1 AND e.against <> ''" + newest;
  return oldest_first(database, is_whole_domain(address) ? of_domain : of_address, address, read_evidence);
}

std::vector<Change> changes_of(Database& database, std::string_view address) {
  static const std::string sql = "SELECT " + change_sql().list("a") +
                                 " FROM audit AS a WHERE a.address = ?1 ORDER BY a.id DESC LIMIT 1000";
  return oldest_first(database, sql, address, read_change);
}

std::int64_t incident_of(Database& database, std::string_view address) {
  Query query(database, "SELECT s.incident FROM v_entry AS s WHERE s.address = ?1 AND s.state = 'pending'",
              address);
  return query.step() ? query->integer(0) : 0;
}

std::vector<Refusal> refusals_of(Database& database, std::string_view address) {
  static const std::string sql =
      "SELECT " + refusal_sql().list("f") +
      " FROM refusal AS f WHERE f.address = ?1 ORDER BY f.at DESC, f.id DESC LIMIT 1000";
  return oldest_first(database, sql, address, read_refusal);
}

}  // namespace

Result<Story> story_of(Database& database, std::string_view address, Time now) {
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    Story story;
    story.record.address = address;
    load_record(database, story.record);
    const CoveringKeys keys(address, recipient_delimiter(database));
    story.record.exempt_since = exempt_since(database, keys);
    if (const auto wider = next_key(keys); !wider.empty()) {
      if (auto decision = deciding_entry(database, {wider, {}}, std::nullopt, now))
        story.domain_entry = std::move(decision->entry);
    }
    story.evidence = evidence_of(database, address);
    story.changes = changes_of(database, address);
    story.refusals = refusals_of(database, address);
    story.open_sends = sends_to(database, address);
    story.incident = incident_of(database, address);
    return story;
  });
}

}  // namespace suppressd
