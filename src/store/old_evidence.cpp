#include "old_evidence.h"

#include <optional>
#include <string>

#include "suppressd/base/scan.h"

#include "audit_rows.h"
#include "evidence_rows.h"
#include "walk.h"

namespace suppressd {
namespace {

constexpr std::string_view kTable = "evidence";

// ?1: the oldest kept.
const std::string kMayGo =
    " e.at < ?1 AND e.what = 'failed' AND e.returned = 0"
    " AND NOT EXISTS (SELECT 1 FROM suppression AS s WHERE s.address = e.address AND s.evidence = e.id)"
    " AND NOT EXISTS (SELECT 1 FROM audit AS a WHERE a.address = e.address AND a.evidence = e.id)"
    " AND NOT EXISTS (SELECT 1 FROM evidence AS o WHERE o.address = e.address AND o.queue_id = e.queue_id"
    "                 AND (o.ended_by = 'report') <> (e.ended_by = 'report'))";

}  // namespace

EvidencePiece next_old_evidence(Database& database, Time oldest, Time now, std::int64_t limit) {
  static const std::string sql = "SELECT DISTINCT e.address FROM evidence AS e WHERE" + kMayGo +
                                 " AND e.id > ?2 AND (?3 IS NULL OR e.id <= ?3) ORDER BY e.address";
  Walk walk(database, kTable, now);
  if (!walk.due()) return {};
  const auto from = scan::number<std::int64_t>(walk.place()).value_or(0);
  std::optional<std::int64_t> last;
  {
    Query end(database, "SELECT id FROM evidence WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2", from,
              limit - 1);
    if (end.step()) last = end->integer(0);
  }
  EvidencePiece piece{.addresses = {}, .more = last.has_value()};
  Query query(database, sql, oldest, from, last);
  while (query.step()) piece.addresses.emplace_back(query->text(0));
  walk.advance(last ? std::optional(std::to_string(*last)) : std::nullopt);
  return piece;
}

std::vector<Evidence> old_evidence_of(Database& database, std::string_view address, Time oldest) {
  static const std::string sql =
      "SELECT " + evidence_sql().list("e") + " FROM evidence AS e WHERE" + kMayGo + " AND e.address = ?2";
  std::vector<Evidence> old;
  Query query(database, sql, oldest, address);
  while (query.step()) old.push_back(read_evidence(*query));
  return old;
}

void expunge_evidence(Database& database, std::span<const std::int64_t> ids, Time now) {
  for (const auto id : ids) run(database, "DELETE FROM evidence WHERE id = ?1", id);
  count_expunged(database, kTable, static_cast<std::int64_t>(ids.size()), now);
}

}  // namespace suppressd
