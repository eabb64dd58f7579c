#include "entries.h"

#include "failure.h"
#include "suppression_rows.h"

namespace suppressd {
namespace {

const std::string kConditions =
    " WHERE (?2 = '' OR s.kind = ?2) AND (?3 = '' OR s.category = ?3) AND (?4 = '' OR "
    "s.provider = ?4)"
    " AND (?5 = '' OR s.rule = ?5) AND (?6 IS NULL OR s.since >= ?6) AND (?7 IS NULL OR s.since < ?7)"
    " AND (s.until IS NULL OR s.until > ?8 OR ?10)"
    " AND CASE WHEN ?9 THEN s.state = 'pending'"
    " ELSE ?10 OR (s.state = 'active' AND NOT s.exempt) END AND (?11 = 0 OR s.incident = ?11)"
    " AND (?12 IS NULL OR s.scope = ?12)";
const std::string kFrom = ", s.incident FROM v_entry AS s";

}  // namespace

Status each_entry(Database& database, const EntryFilter& filter, Time now, const TakeEntry& take) {
  static const std::string any =
      "SELECT " + suppression_sql().list("s") + kFrom + kConditions + " AND ?1 = '' ORDER BY 1, 2, 3";
  static const std::string one =
      "SELECT " + suppression_sql().list("s") + kFrom + kConditions + " AND s.address = ?1 ORDER BY 1, 2, 3";
  return guarded(database, [&] {
    Query query(database, filter.address.empty() ? any : one, filter.address, filter.kind, filter.category,
                filter.provider, filter.rule, filter.since, filter.until, now, std::int64_t{filter.pending},
                std::int64_t{filter.ended}, filter.incident,
                filter.scope ? std::optional<std::string_view>(*filter.scope) : std::nullopt);
    while (query.step()) take(read_suppression(*query), query->integer(suppression_sql().size()));
  });
}

Result<std::vector<Suppression>> list_entries(Database& database, const EntryFilter& filter, Time now) {
  std::vector<Suppression> entries;
  if (Status listed =
          each_entry(database, filter, now,
                     [&](const Suppression& entry, std::int64_t /*incident*/) { entries.push_back(entry); });
      !listed)
    return listed.error();
  return entries;
}

Result<EntryCounts> count_entries(Database& database, Time now) {
  return guarded(database, [&] {
    Query query(database,
                "SELECT count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE state = 'pending') "
                "FROM suppression"
                " WHERE (until IS NULL OR until > ?1)",
                now);
    query.step();
    return EntryCounts{query->integer(0), query->integer(1)};
  });
}

}  // namespace suppressd
