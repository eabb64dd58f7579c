#include "incident_rows.h"

#include <string>

#include "columns.h"

namespace suppressd {

/// Row in `known_good`, after its provider and domain.
struct KnownGoodRow {
  Time start;
  KnownGoodCounts counts;
};

void columns(auto& column, RowOf<KnownGoodRow> auto& row) {
  column("start", row.start);
  column("sends", row.counts.sends);
  column("days", row.counts.days);
  column("failed", row.counts.failed);
  column("again", row.counts.again);
}

const TableSql& known_good_sql() {
  static const auto sql = TableSql::of<ProviderDomain, KnownGoodRow>("known_good", 3);
  return sql;
}

const TableSql& incident_sql() {
  static const auto sql = TableSql::of<Incident>("incident", 1);
  return sql;
}

KnownGoodBuckets load_known_good(Database& database, const ProviderDomain& place) {
  static const std::string sql = "SELECT " + known_good_sql().list("k") +
                                 " FROM known_good AS k WHERE k.provider = ?1 AND k.domain = ?2"
                                 " ORDER BY k.start";
  KnownGoodBuckets buckets;
  Query query(database, sql, place.provider, place.domain);
  while (query.step()) {
    ProviderDomain read;
    KnownGoodRow row;
    read_columns(*query, 0, read, row);
    buckets.emplace_hint(buckets.end(), row.start, row.counts);
  }
  return buckets;
}

std::vector<std::string> known_good_failed(Database& database, std::string_view provider) {
  std::vector<std::string> domains;
  Query query(database,
              "SELECT DISTINCT domain FROM known_good WHERE provider = ?1 AND domain <> '' AND failed > 0",
              provider);
  while (query.step()) domains.emplace_back(query->text(0));
  return domains;
}

void add_known_good(Database& database, const std::map<ProviderDomain, KnownGoodBuckets>& counts) {
  static const std::string sql =
      known_good_sql().insert +
      " ON CONFLICT (provider, domain, start) DO UPDATE SET sends = sends + excluded.sends,"
      " days = days + excluded.days, failed = failed + excluded.failed, again = again + excluded.again";
  for (const auto& [place, buckets] : counts)
    for (const auto& [start, added] : buckets) run_row(database, sql, place, KnownGoodRow{start, added});
}

void forget_known_good(Database& database, Time before) {
  run(database,
      "DELETE FROM known_good WHERE start < ?1 AND NOT EXISTS"
      " (SELECT 1 FROM incident AS i WHERE i.provider = known_good.provider AND i.kind = 'provider'"
      " AND known_good.start >= i.since - ?2 AND coalesce(i.closed, i.last + ?3) >= ?1)",
      before, std::int64_t{kIncidentWindow.count()}, std::int64_t{kIncidentSilence.count()});
  run(database,
      "INSERT INTO meta(name, value) VALUES ('known_good_since', ?1)"
      " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
      before);
}

Time known_good_since(Database& database) {
  Query query(database, "SELECT value FROM meta WHERE name = 'known_good_since'");
  return query.step() ? query->time(0) : Time::min();
}

std::vector<Incident> load_incidents(Database& database) {
  static const std::string sql = "SELECT " + incident_sql().list("i") +
                                 " FROM incident AS i WHERE i.kind = 'provider'"
                                 " ORDER BY i.provider, i.domain, i.since";
  std::vector<Incident> incidents;
  Query query(database, sql);
  while (query.step()) read_columns(*query, 0, incidents.emplace_back());
  return incidents;
}

std::vector<Incident> load_own_incidents(Database& database) {
  static const std::string sql = "SELECT " + incident_sql().list("i") +
                                 " FROM incident AS i WHERE i.kind <> 'provider' ORDER BY i.since, i.id";
  std::vector<Incident> incidents;
  Query query(database, sql);
  while (query.step()) read_columns(*query, 0, incidents.emplace_back());
  return incidents;
}

std::int64_t save_incident(Database& database, const Incident& incident) {
  return save_row(database, incident_sql(), incident);
}

bool close_incident(Database& database, std::int64_t id, Time now, std::string_view actor) {
  run(database,
      "UPDATE incident SET closed = max(?2, since), closed_by = ?3 WHERE id = ?1 AND closed IS NULL", id, now,
      actor);
  return database.changes() != 0;
}

bool mark_read(Database& database, std::int64_t id) {
  run(database, "UPDATE incident SET read = 1 WHERE id = ?1 AND read = 0", id);
  return database.changes() != 0;
}

void remove_incident(Database& database, std::int64_t id) {
  run(database, "DELETE FROM incident WHERE id = ?1", id);
}

}  // namespace suppressd
