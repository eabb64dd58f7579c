#include "record_rows.h"

#include "suppressd/core/address.h"

#include "suppression_rows.h"

namespace suppressd {

StoredRows load_record(Database& database, AddressRecord& record) {
  StoredRows stored;
  bool has_entries = false;
  {
    const std::string domain = "@" + std::string(domain_of(record.address));
    Query query(database,
                "SELECT EXISTS (SELECT 1 FROM suppression WHERE address = ?1 AND scope = ''),"
                " EXISTS (SELECT 1 FROM exemption WHERE address = ?1) OR EXISTS (SELECT 1 FROM exemption WHERE address = ?2),"
                " r.address IS NOT NULL, r.last_delivery, r.last_manual, r.streak, r.streak_since, r.last_failure, r.last_failure_entered,"
                " r.last_category, r.soft_step, r.hard_step, r.last_delivery_id"
                " FROM (SELECT 1) LEFT JOIN recipient AS r ON r.address = ?1",
                record.address, domain);
    query.step();
    has_entries = query->integer(0) != 0;
    record.exempt = query->integer(1) != 0;
    stored.recipient = query->integer(2) != 0;
    Recipient& recipient = record.recipient;
    recipient.last_delivery = query->maybe_time(3);
    recipient.last_manual = query->maybe_time(4);
    recipient.streak = static_cast<int>(query->integer(5));
    recipient.streak_since = query->maybe_time(6);
    recipient.last_failure = query->maybe_time(7);
    recipient.last_failure_entered = query->maybe_time(8);
    recipient.last_category = query->text(9);
    recipient.soft_step = static_cast<int>(query->integer(10));
    recipient.hard_step = static_cast<int>(query->integer(11));
    recipient.last_delivery_id = query->text(12);
  }
  if (has_entries) load_entries(database, record);
  for (std::size_t kind = 0; kind < kSuppressionKinds; ++kind) stored.entries[kind] = record.entries[kind].has_value();
  return stored;
}

void save_record(Database& database, const AddressRecord& record, const StoredRows& stored) {
  if (!record.recipient.empty())
    save_recipient(database, record.address, record.recipient);
  else if (stored.recipient)
    Query(database, "DELETE FROM recipient WHERE address = ?1", record.address).run();
  for (std::size_t kind = 0; kind < kSuppressionKinds; ++kind) {
    if (record.entries[kind])
      save_entry(database, *record.entries[kind]);
    else if (stored.entries[kind])
      remove_entry(database, record.address, static_cast<SuppressionKind>(kind));
  }
}

void save_recipient(Database& database, const std::string& address, const Recipient& recipient) {
  Query(
      database,
      "INSERT INTO recipient(address, last_delivery, last_manual, streak, streak_since, last_failure, last_failure_entered, last_category,"
      " soft_step, hard_step, last_delivery_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
      " ON CONFLICT (address) DO UPDATE SET last_delivery = excluded.last_delivery, last_manual = excluded.last_manual,"
      " streak = excluded.streak, streak_since = excluded.streak_since, last_failure = excluded.last_failure,"
      " last_failure_entered = excluded.last_failure_entered, last_category = excluded.last_category, soft_step = excluded.soft_step,"
      " hard_step = excluded.hard_step, last_delivery_id = excluded.last_delivery_id",
      address, recipient.last_delivery, recipient.last_manual, std::int64_t{recipient.streak}, recipient.streak_since,
      recipient.last_failure, recipient.last_failure_entered, recipient.last_category, std::int64_t{recipient.soft_step},
      std::int64_t{recipient.hard_step}, recipient.last_delivery_id)
      .run();
}

}  // namespace suppressd
