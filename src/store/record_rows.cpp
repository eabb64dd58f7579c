#include "record_rows.h"

#include <algorithm>

#include "deciding_entry.h"
#include "memory_table.h"
#include "suppression_rows.h"

namespace suppressd {

namespace {

bool load_recipient(Database& database, const std::string& address, Recipient& recipient) {
  Query query(database,
              "SELECT last_delivery, last_manual, streak, streak_since, last_failure, last_failure_entered, "
              "last_category, soft_step, hard_step, last_delivery_id FROM recipient WHERE address = ?1",
              address);
  if (!query.step()) return false;
  recipient.last_delivery = query->maybe_time(0);
  recipient.last_manual = query->maybe_time(1);
  recipient.streak = static_cast<int>(query->integer(2));
  recipient.streak_since = query->maybe_time(3);
  recipient.last_failure = query->maybe_time(4);
  recipient.last_failure_entered = query->maybe_time(5);
  recipient.last_category = query->text(6);
  recipient.soft_step = static_cast<int>(query->integer(7));
  recipient.hard_step = static_cast<int>(query->integer(8));
  recipient.last_delivery_id = query->text(9);
  return true;
}

// Whether there is a row is known, so that none need be looked for as ON CONFLICT would.
void save_recipient(Database& database, const std::string& address, const Recipient& recipient, bool stored) {
  run(database,
      stored ? "UPDATE recipient SET last_delivery = ?2, last_manual = ?3, streak = ?4, streak_since = ?5, "
               "last_failure = ?6,"
               " last_failure_entered = ?7, last_category = ?8, soft_step = ?9, hard_step = ?10, "
               "last_delivery_id = ?11 WHERE address = ?1"
             : "INSERT INTO recipient(address, last_delivery, last_manual, streak, streak_since, "
               "last_failure, last_failure_entered,"
               " last_category, soft_step, hard_step, last_delivery_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
               "?8, ?9, ?10, ?11)",
      address, recipient.last_delivery, recipient.last_manual, std::int64_t{recipient.streak},
      recipient.streak_since, recipient.last_failure, recipient.last_failure_entered, recipient.last_category,
      std::int64_t{recipient.soft_step}, std::int64_t{recipient.hard_step}, recipient.last_delivery_id);
}

}  // namespace

StoredRows load_record(Database& database, AddressRecord& record, bool exemptions) {
  StoredRows stored;
  stored.recipient = load_recipient(database, record.address, record.recipient);
  record.exempt = exemptions && is_exempt(database, {record.address, recipient_delimiter(database)});
  load_entries(database, record);
  for (std::size_t kind = 0; kind < kSuppressionKinds; ++kind)
    stored.entries[kind] = record.entries[kind].has_value();
  return stored;
}

StoredRows save_record(Database& database, const AddressRecord& record, const StoredRows& stored,
                       bool entries) {
  StoredRows now = stored;
  now.recipient = !record.recipient.empty();
  if (now.recipient)
    save_recipient(database, record.address, record.recipient, stored.recipient);
  else if (stored.recipient)
    run(database, "DELETE FROM recipient WHERE address = ?1", record.address);
  if (!entries) return now;
  for (std::size_t kind = 0; kind < kSuppressionKinds; ++kind) {
    now.entries[kind] = record.entries[kind].has_value();
    if (now.entries[kind])
      save_entry(database, *record.entries[kind], stored.entries[kind]);
    else if (stored.entries[kind])
      remove_entry(database, record.address, static_cast<SuppressionKind>(kind));
  }
  return now;
}

void save_newest(Database& database, const DeliveryRuns& deliveries) {
  // Of every page that one statement changes SQLite keeps a copy in memory until its end.
  constexpr std::size_t kAtOnce = 1000;
  for (DeliveryRuns::Reader rows(deliveries); !rows.done();)
    run_with_rows(database,
                  "INSERT INTO recipient(address, last_delivery, last_delivery_id) SELECT address, at, "
                  "queue_id FROM memory_table(?1) WHERE true ON CONFLICT (address) DO UPDATE SET"
                  " last_delivery = excluded.last_delivery, last_delivery_id = excluded.last_delivery_id"
                  " WHERE last_delivery IS NULL OR excluded.last_delivery > last_delivery",
                  rows, kAtOnce);
}

HistoryFilter load_history(Database& database) {
  constexpr std::string_view kMembers =
      " FROM (SELECT address FROM suppression UNION ALL SELECT address FROM exemption"
      " UNION ALL SELECT address FROM recipient WHERE last_failure IS NOT NULL OR last_manual IS NOT NULL OR "
      "streak_since IS NOT NULL OR streak <> 0 OR soft_step <> 0 OR hard_step <> 0)";
  constexpr std::int64_t kRoom = 200000;  // for those that fail while it lives
  static const std::string count = "SELECT count(*)" + std::string(kMembers);
  static const std::string all = "SELECT address" + std::string(kMembers);
  const ReadTransaction one_moment(database);
  Query number(database, count);
  const std::int64_t members = number.step() ? number->integer(0) : 0;
  HistoryFilter filter(static_cast<std::size_t>(members + members / 2 + kRoom),
                       recipient_delimiter(database));
  Query query(database, all);
  while (query.step()) filter.add(query->text(0));
  return filter;
}

}  // namespace suppressd
