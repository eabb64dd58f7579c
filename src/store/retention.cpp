#include "suppressd/store/retention.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit_rows.h"
#include "failure.h"
#include "ledger_state.h"
#include "rate_rows.h"
#include "walk.h"

namespace suppressd {
namespace {

constexpr int kRecipientsExaminedPerRemoval = 20;
constexpr Duration kSmallRatesKept = std::chrono::hours(24 * 35);

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
  count_expunged(database, "refusal", removed, now);
  return removed == limit;
}

std::vector<std::string> forgotten_recipients(Database& database, const std::string& from,
                                              const std::optional<std::string>& last, Time oldest,
                                              std::int64_t limit) {
  std::vector<std::string> addresses;
  Query query(database,
              "SELECT r.address FROM recipient AS r WHERE r.address > ?1 AND (?2 IS NULL OR r.address <= ?2)"
              " AND r.events = 0 AND coalesce(r.last_delivery, 0) < ?3"
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
  count_expunged(database, "recipient", removed, now);
  if (removed == limit) last = addresses.back();
  walk.advance(last);
  return last.has_value();
}

/// Of which nothing was heard, a piece at a time.
bool expunge_domains(Database& database, Time oldest, Time now, std::int64_t limit) {
  Walk walk(database, "domain", now);
  if (!walk.due()) return false;
  const std::string from = walk.place();
  std::optional<std::string> last;
  {
    Query piece(database, "SELECT domain FROM domain WHERE domain > ?1 ORDER BY domain LIMIT 1 OFFSET ?2",
                from, limit - 1);
    if (piece.step()) last = piece->text(0);
  }
  run(database,
      "DELETE FROM domain WHERE domain > ?1 AND (?2 IS NULL OR domain <= ?2) AND last_end < ?3"
      " AND NOT EXISTS (SELECT 1 FROM recipient AS r WHERE r.address = '@' || domain)",
      from, last, oldest);
  count_expunged(database, "domain", database.changes(), now);
  walk.advance(last);
  return last.has_value();
}

/// Deliveries that no report can take back any more.
bool expunge_deliveries(Database& database, Time oldest, Time now, std::int64_t limit) {
  run(database,
      "DELETE FROM delivery WHERE (message, address, at, host, instance, queue_id) IN"
      " (SELECT message, address, at, host, instance, queue_id FROM delivery WHERE at < ?1 ORDER BY at LIMIT "
      "?2)",
      oldest, limit);
  const std::int64_t removed = database.changes();
  count_expunged(database, "delivery", removed, now);
  return removed == limit;
}

void expunge_unproven_and_line_counts(Database& database, Time oldest, Time now) {
  run(database, "DELETE FROM unproven WHERE at < ?1", oldest);
  count_expunged(database, "unproven", database.changes(), now);
  run(database, "DELETE FROM line_count WHERE day < strftime('%Y-%m-%d', ?1, 'unixepoch')", oldest);
}

/// Cursors of logs that are no longer read (never the newest of a source), and gaps of that age.
void expunge_cursors_and_gaps(Database& database, Time oldest, Time now, std::int64_t limit) {
  run(database,
      "DELETE FROM cursor WHERE id IN (SELECT c.id FROM cursor AS c WHERE c.last_time < ?1 AND c.saved <"
      " (SELECT max(n.saved) FROM cursor AS n WHERE n.source = c.source) LIMIT ?2)",
      oldest, limit);
  count_expunged(database, "cursor", database.changes(), now);
  run(database, "DELETE FROM gap WHERE id IN (SELECT id FROM gap WHERE lost_to < ?1 LIMIT ?2)", oldest,
      limit);
  count_expunged(database, "gap", database.changes(), now);
}

}  // namespace

std::optional<Time> oldest_kept(Time now, Duration keep) {
  if (keep == kForever) return std::nullopt;
  return now - keep;
}

Result<bool> Ledger::expunge(const RetentionSettings& settings, Time now, int limit) {
  auto& database = state_->database;
  return guarded(database, [&] {
    bool more = false;
    Transaction transaction(database);
    if (const auto oldest = oldest_kept(now, settings.refusals))
      more |= expunge_refusals(database, *oldest, now, limit);
    if (const auto oldest = oldest_kept(now, settings.deliveries))
      more |= expunge_deliveries(database, *oldest, now, limit);
    if (const auto oldest = oldest_kept(now, settings.evidence))
      expunge_unproven_and_line_counts(database, *oldest, now);
    if (const auto oldest = oldest_kept(now, settings.recipients)) {
      more |= expunge_recipients(database, *oldest, now, limit);
      more |= expunge_domains(database, *oldest, now, limit);
    }
    if (const auto oldest = oldest_kept(now, settings.streams))
      expunge_cursors_and_gaps(database, *oldest, now, limit);
    if (const auto oldest = oldest_kept(now, settings.rates))
      more |= expunge_rates(database, *oldest, std::max(*oldest, now - kSmallRatesKept), now, limit);
    transaction.commit();
    return more;
  });
}

}  // namespace suppressd
