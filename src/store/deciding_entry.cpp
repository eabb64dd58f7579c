#include "deciding_entry.h"

#include <tuple>

#include "suppressd/core/address.h"
#include "suppressd/core/scope.h"

#include "enforcement_rows.h"
#include "probe_rows.h"
#include "suppression_rows.h"

namespace suppressd {
namespace {

// ?1 to ?3: the address, the address without its extension (NULL: it has none), the domain. ?4: the
// domains above it, as a JSON array, which is only read if something is stored under such a key.
std::string has_subdomains(const std::string& table) {
  return "EXISTS (SELECT 1 FROM " + table + " WHERE address >= '@.' AND address < '@/')";
}
const std::string kExempt =
    "(EXISTS (SELECT 1 FROM exemption WHERE address IN (?1, ?2, ?3)) OR " + has_subdomains("exemption") +
    " AND EXISTS (SELECT 1 FROM json_each(?4) AS k CROSS JOIN exemption AS e ON e.address = k.value))";

// Exemptions, and whether enforcement is off, are only queried if an entry is found.
const std::string kAnswer = "SELECT " + suppression_sql().list("s") + ", " + kExempt + ", " + is_off("?5") +
                            ", " + half_open_columns("s", "?5") + " FROM ";
// Of those that have ended, is_half_open() decides.
const std::string kMayDecide =
    " AND s.state = 'active' AND (s.until IS NULL OR s.until > ?5 OR s.actor = 'suppressd')";

std::string one_key(const std::string& key) {
  return kAnswer + "suppression AS s WHERE s.address = " + key + kMayDecide;
}

// One statement, and so one read transaction, with one descent per key.
const std::string kQuestion = one_key("?1") + " UNION ALL " + one_key("?2") + " UNION ALL " + one_key("?3") +
                              " UNION ALL " + kAnswer +
                              "json_each(?4) AS k CROSS JOIN suppression AS s ON s.address = k.value"
                              " WHERE " +
                              has_subdomains("suppression") + kMayDecide;

/// A JSON array. Domains need no escaping.
std::string json_of_parents(const CoveringKeys& keys) {
  std::string json = "[";
  keys.any_parent([&](std::string_view key) {
    json.append(json.size() > 1 ? ",\"" : "\"").append(key).append("\"");
    return false;
  });
  return json + ']';
}

/// In force before half open, addresses before domains, longer before shorter (wider) ones; then by kind, and
/// entries for all mail before those for a sender's.
auto rank_of(const Decision& decision) {
  const auto& entry = decision.entry;
  return std::tuple(decision.half_open, entry.address.starts_with('@'),
                    -static_cast<std::int64_t>(entry.address.size()), entry.kind, !entry.scope.empty());
}

}  // namespace

std::optional<Decision> deciding_entry(Database& database, const CoveringKeys& keys,
                                       std::optional<std::string_view> sender, Time now) {
  const std::optional<std::string_view> base =
      keys.base().empty() ? std::nullopt : std::optional<std::string_view>{keys.base()};
  std::optional<Decision> best;
  MailScope mail(sender.value_or(std::string_view{}));
  Query query(database, kQuestion, keys.address(), base, keys.domain(), json_of_parents(keys), now);
  while (query.step()) {
    const int next = suppression_sql().size();
    Decision found{.entry = read_suppression(*query),
                   .half_open = false,
                   .probe = {},
                   .exempt = query->integer(next) != 0,
                   .enforced = query->integer(next + 1) == 0};
    if (sender && !mail.in(found.entry.scope)) continue;
    if (found.entry.ended(now)) {
      // A delivery to an address with an extension says nothing of the one without.
      if (found.entry.address != keys.address() && !is_whole_domain(found.entry.address)) continue;
      auto state = read_half_open(*query, next + 2, found.entry, now);
      if (!state.half_open) continue;
      found.half_open = true;
      found.probe = std::move(state.probe);
    }
    if (!best || rank_of(found) < rank_of(*best)) best = std::move(found);
  }
  return best;
}

LookupResult verdict_of(Result<std::optional<Decision>> decided) {
  LookupResult result;
  if (!decided) {
    result.answer = LookupResult::Answer::error;
    result.error = decided.error().message;
  } else if (auto& decision = decided.value(); decision && !decision->exempt) {
    result.answer = decision->half_open ? LookupResult::Answer::half_open : LookupResult::Answer::suppressed;
    result.entry = std::move(decision->entry);
    result.enforced = decision->enforced;
    result.probe = std::move(decision->probe);
  }
  return result;
}

std::string recipient_delimiter(Database& database) {
  Query query(database, "SELECT value FROM meta WHERE name = 'milter.recipient_delimiter'");
  return query.step() ? std::string(query->text(0)) : std::string();
}

std::optional<Time> exempt_since(Database& database, const CoveringKeys& keys) {
  std::optional<Time> oldest;
  keys.any(true, [&](std::string_view key) {
    Query query(database, "SELECT since FROM exemption WHERE address = ?1", key);
    if (query.step() && (!oldest || query->time(0) < *oldest)) oldest = query->time(0);
    return false;
  });
  return oldest;
}

}  // namespace suppressd
