#include "deciding_entry.h"

#include "suppressd/core/address.h"

#include "suppression_rows.h"

namespace suppressd {
namespace {

// Exemptions are looked at only where an entry is found.
const std::string kAnswer = "SELECT " + kSuppressionColumns +
                            ", EXISTS (SELECT 1 FROM exemption WHERE address IN (?1, ?2)) FROM suppression AS s WHERE s.address = ";
const std::string kInForce = " AND s.scope = '' AND s.state = 'active' AND (s.until IS NULL OR s.until > ?3)";

// One statement, and so one read transaction, with one descent for each key.
const std::string kQuestion = kAnswer + "?1" + kInForce + " UNION ALL " + kAnswer + "?2" + kInForce;

}  // namespace

std::optional<Decision> deciding_entry(Database& database, std::string_view address, std::string_view domain, Time now) {
  std::optional<Decision> best;
  Query query(database, kQuestion, address, domain, now);
  while (query.step()) {
    Suppression entry = read_suppression(*query);
    const bool decides = !best || (entry.address == best->entry.address ? entry.kind < best->entry.kind : entry.address == address);
    if (decides) best = Decision{std::move(entry), query->integer(kSuppressionColumnCount) != 0};
  }
  return best;
}

bool is_exempt(Database& database, std::string_view address) {
  const std::string domain = "@" + std::string(domain_of(address));
  return Query(database, "SELECT 1 FROM exemption WHERE address IN (?1, ?2)", address, domain).step();
}

}  // namespace suppressd
