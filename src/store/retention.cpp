#include "suppressd/store/retention.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "failure.h"

namespace suppressd {
namespace {

constexpr int kRecipientsExaminedPerRemoval = 20;

std::optional<Time> oldest_kept(Time now, Duration keep) {
  if (keep == kForever) return std::nullopt;
  return now - keep;
}

/// Adds to the day's row for this table.
void audit(Database& database, std::string_view table, std::int64_t rows, Time now) {
  if (rows == 0) return;
  const Time day = std::chrono::floor<std::chrono::days>(now);
  const std::string rule = "retention." + std::string(table);
  run(database,
      "UPDATE audit SET before = json_set(before, '$.rows', before ->> '$.rows' + ?1)"
      " WHERE address = '' AND at = ?2 AND act = 'expunged' AND rule = ?3",
      rows, day, rule);
  if (database.changes() != 0) return;
  run(database,
      "INSERT INTO audit(at, address, act, rule, actor, cause, before)"
      " VALUES (?1, '', 'expunged', ?2, 'suppressd', 'rows past their time, counted in before', "
      "json_object('table', ?3, 'rows', ?4))",
      day, rule, table, rows);
}

bool expunge_refusals(Database& database, Time oldest, Time now, std::int64_t limit) {
  run(database,
      "INSERT INTO refusal_day(day, kind, category, outcome, count)"
      " SELECT strftime('%Y-%m-%d', at, 'unixepoch'), kind, category, outcome, count(*) FROM refusal"
      " WHERE id IN (SELECT id FROM refusal WHERE at < ?1 ORDER BY at, id LIMIT ?2) GROUP BY 1, 2, 3, 4"
      " ON CONFLICT (day, kind, category, outcome) DO UPDATE SET count = count + excluded.count",
      oldest, limit);
  run(database,
      "DELETE FROM refusal WHERE id IN (SELECT id FROM refusal WHERE at < ?1 ORDER BY at, id LIMIT ?2)",
      oldest, limit);
  const std::int64_t removed = database.changes();
  audit(database, "refusal", removed, now);
  return removed == limit;
}

/// A walk through a table in the order of its key, a piece at a time, once a day. `meta` keeps the last key
/// of the last piece, and the day on which the walk came to its end.
class Walk {
 public:
  Walk(Database& database, const std::string& table, Time now)
      : database_(database),
        place_("retention." + table),
        ended_(place_ + ".ended"),
        day_(std::chrono::floor<std::chrono::days>(now)) {}

  bool due() {
    if (started()) return true;
    Query query(database_, "SELECT value FROM meta WHERE name = ?1", ended_);
    return !query.step() || query->time(0) < day_;
  }
  std::string place() {
    Query query(database_, "SELECT value FROM meta WHERE name = ?1", place_);
    return query.step() ? std::string(query->text(0)) : std::string();
  }
  void stop_at(std::string_view key) { set(place_, key); }
  void end() {
    run(database_, "DELETE FROM meta WHERE name = ?1", place_);
    set(ended_, day_);
  }

 private:
  bool started() { return Query(database_, "SELECT 1 FROM meta WHERE name = ?1", place_).step(); }
  template <typename Value>
  void set(const std::string& name, const Value& value) {
    run(database_,
        "INSERT INTO meta(name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = "
        "excluded.value",
        name, value);
  }

  Database& database_;
  std::string place_;
  std::string ended_;
  Time day_;
};

bool expunge_evidence(Database& database, Time oldest, Time now, std::int64_t limit) {
  Walk walk(database, "evidence", now);
  if (!walk.due()) return false;
  const std::string place = walk.place();
  const std::int64_t from = place.empty() ? 0 : std::stoll(place);
  std::optional<std::int64_t> last;
  {
    Query piece(database, "SELECT id FROM evidence WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2", from,
                limit - 1);
    if (piece.step()) last = piece->integer(0);
  }
  run(database,
      "DELETE FROM evidence AS e WHERE e.id > ?1 AND (?2 IS NULL OR e.id <= ?2) AND e.at < ?3"
      " AND NOT EXISTS (SELECT 1 FROM suppression AS s WHERE s.address = e.address AND s.evidence = e.id)"
      " AND NOT EXISTS (SELECT 1 FROM audit AS a WHERE a.address = e.address AND a.evidence = e.id)"
      " AND NOT EXISTS (SELECT 1 FROM recipient AS r WHERE r.address = e.address AND r.streak > 0 AND e.at "
      ">= r.streak_since)",
      from, last, oldest);
  audit(database, "evidence", database.changes(), now);
  if (last)
    walk.stop_at(std::to_string(*last));
  else
    walk.end();
  return last.has_value();
}

std::vector<std::string> forgotten_recipients(Database& database, const std::string& from,
                                              const std::optional<std::string>& last, Time oldest,
                                              std::int64_t limit) {
  std::vector<std::string> addresses;
  Query query(database,
              "SELECT r.address FROM recipient AS r WHERE r.address > ?1 AND (?2 IS NULL OR r.address <= ?2)"
              " AND r.streak = 0 AND r.soft_step = 0 AND r.hard_step = 0 AND r.last_manual IS NULL"
              " AND coalesce(r.last_delivery, 0) < ?3 AND coalesce(r.last_failure, 0) < ?3"
              " AND NOT EXISTS (SELECT 1 FROM suppression AS s WHERE s.address = r.address) ORDER BY "
              "r.address LIMIT ?4",
              from, last, oldest, limit);
  while (query.step()) addresses.emplace_back(query->text(0));
  return addresses;
}

bool expunge_recipients(Database& database, Time oldest, Time now, std::int64_t limit) {
  Walk walk(database, "recipient", now);
  if (!walk.due()) return false;
  const std::string from = walk.place();
  std::optional<std::string> last;
  {
    Query piece(database,
                "SELECT address FROM recipient WHERE address > ?1 ORDER BY address LIMIT 1 OFFSET ?2", from,
                limit * kRecipientsExaminedPerRemoval - 1);
    if (piece.step()) last = piece->text(0);
  }
  const std::vector<std::string> addresses = forgotten_recipients(database, from, last, oldest, limit);
  for (const std::string& address : addresses)
    run(database, "DELETE FROM recipient WHERE address = ?1", address);
  const auto removed = static_cast<std::int64_t>(addresses.size());
  audit(database, "recipient", removed, now);
  if (removed == limit) {
    walk.stop_at(addresses.back());
    return true;
  }
  if (last)
    walk.stop_at(*last);
  else
    walk.end();
  return last.has_value();
}

/// Deliveries of which no report will tell any more.
bool expunge_deliveries(Database& database, Time oldest, Time now, std::int64_t limit) {
  run(database,
      "DELETE FROM delivery WHERE (address, at, queue_id, host) IN"
      " (SELECT address, at, queue_id, host FROM delivery WHERE at < ?1 ORDER BY at LIMIT ?2)",
      oldest, limit);
  const std::int64_t removed = database.changes();
  audit(database, "delivery", removed, now);
  return removed == limit;
}

void expunge_unproven_and_line_counts(Database& database, Time oldest, Time now) {
  run(database, "DELETE FROM unproven WHERE at < ?1", oldest);
  audit(database, "unproven", database.changes(), now);
  run(database, "DELETE FROM line_count WHERE day < strftime('%Y-%m-%d', ?1, 'unixepoch')", oldest);
}

/// Cursors of logs that nobody reads any more (never a source's newest), and gaps as old.
void expunge_cursors_and_gaps(Database& database, Time oldest, Time now, std::int64_t limit) {
  run(database,
      "DELETE FROM cursor WHERE id IN (SELECT c.id FROM cursor AS c WHERE c.last_time < ?1 AND c.saved <"
      " (SELECT max(n.saved) FROM cursor AS n WHERE n.source = c.source) LIMIT ?2)",
      oldest, limit);
  audit(database, "cursor", database.changes(), now);
  run(database, "DELETE FROM gap WHERE id IN (SELECT id FROM gap WHERE lost_to < ?1 LIMIT ?2)", oldest,
      limit);
  audit(database, "gap", database.changes(), now);
}

}  // namespace

Result<bool> expunge(Database& database, const RetentionSettings& settings, Time now, int limit) {
  return guarded(database, [&] {
    bool more = false;
    Transaction transaction(database);
    if (const auto oldest = oldest_kept(now, settings.refusals))
      more |= expunge_refusals(database, *oldest, now, limit);
    if (const auto oldest = oldest_kept(now, settings.evidence))
      more |= expunge_evidence(database, *oldest, now, limit);
    if (const auto oldest = oldest_kept(now, settings.deliveries))
      more |= expunge_deliveries(database, *oldest, now, limit);
    if (const auto oldest = oldest_kept(now, settings.evidence))
      expunge_unproven_and_line_counts(database, *oldest, now);
    if (const auto oldest = oldest_kept(now, settings.recipients)) {
      more |= expunge_recipients(database, *oldest, now, limit);
      expunge_cursors_and_gaps(database, *oldest, now, limit);
    }
    transaction.commit();
    return more;
  });
}

}  // namespace suppressd
