#include "deciding_entry.h"

#include "suppression_rows.h"

namespace suppressd {
namespace {

const std::string kInForce = " AND s.scope = '' AND s.state = 'active' AND (s.until IS NULL OR s.until > ?3)";

// One statement, and so one read transaction, with one descent for each key.
const std::string kQuestion = "SELECT " + kSuppressionColumns + " FROM suppression AS s WHERE s.address = ?1" + kInForce +
                              " UNION ALL SELECT " + kSuppressionColumns + " FROM suppression AS s WHERE s.address = ?2" + kInForce;

}  // namespace

std::optional<Suppression> deciding_entry(Database& database, std::string_view address, std::string_view domain, Time now) {
  std::optional<Suppression> best;
  Query query(database, kQuestion, address, domain, now);
  while (query.step()) {
    Suppression entry = read_suppression(*query);
    const bool decides = !best || (entry.address == best->address ? entry.kind < best->kind : entry.address == address);
    if (decides) best = std::move(entry);
  }
  return best;
}

}  // namespace suppressd
