#include "old_evidence.h"

#include <optional>
#include <string>

#include "suppressd/base/scan.h"
#include "suppressd/core/address.h"

#include "audit_rows.h"
#include "evidence_rows.h"
#include "walk.h"

namespace suppressd {
namespace {

constexpr std::string_view kTable = "evidence";

// Whose event it is.
const std::string kHolder = " CASE e.against WHEN '' THEN e.address ELSE e.against END ";

// ?1: the oldest kept.
const std::string kMayGo =
    " e.at < ?1 AND e.what = 'failed' AND e.returned = 0"
    " AND NOT EXISTS (SELECT 1 FROM suppression AS s WHERE s.address =" +
    kHolder +
    "AND s.evidence = e.id)"
    " AND NOT EXISTS (SELECT 1 FROM audit AS a WHERE a.address =" +
    kHolder +
    "AND a.evidence = e.id)"
    " AND NOT EXISTS (SELECT 1 FROM evidence AS o WHERE o.address = e.address AND o.queue_id = e.queue_id"
    "                 AND (o.ended_by = 'report') <> (e.ended_by = 'report'))";

}  // namespace

EvidencePiece next_old_evidence(Database& database, Time oldest, Time now, std::int64_t limit) {
  static const std::string sql = "SELECT DISTINCT" + kHolder + "AS holder FROM evidence AS e WHERE" + kMayGo +
                                 " AND e.id > ?2 AND (?3 IS NULL OR e.id <= ?3) ORDER BY holder";
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
  static const std::string all = "SELECT " + evidence_sql().list("e") + " FROM evidence AS e WHERE" + kMayGo;
  static const std::string of_address = all + " AND e.address = ?2 AND e.against = ''";
  static const std::string of_domain = all + " AND e.against = ?2 AND e.against <> ''";
  std::vector<Evidence> old;
  Query query(database, is_whole_domain(address) ? of_domain : of_address, oldest, address);
  while (query.step()) old.push_back(read_evidence(*query));
  return old;
}

void expunge_evidence(Database& database, std::span<const std::int64_t> ids, Time now) {
  for (const auto id : ids) run(database, "DELETE FROM evidence WHERE id = ?1", id);
  count_expunged(database, kTable, static_cast<std::int64_t>(ids.size()), now);
}

}  // namespace suppressd
