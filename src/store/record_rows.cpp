#include "record_rows.h"

#include <algorithm>

#include "act_rows.h"
#include "checkpoint_json.h"
#include "delivery_list.h"
#include "evidence_rows.h"
#include "suppression_rows.h"

namespace suppressd {
namespace {

struct RecipientRow {
  Recipient recipient;
  std::int64_t events = 0;
  std::string deliveries;
  std::string checkpoint;
};

std::optional<RecipientRow> read_row(Database& database, std::string_view address) {
  Query query(
      database,
      "SELECT last_delivery, streak, streak_since, last_failure, last_category, soft_step, hard_step, "
      "events, deliveries, checkpoint FROM recipient WHERE address = ?1",
      address);
  if (!query.step()) return std::nullopt;
  RecipientRow row;
  auto& recipient = row.recipient;
  recipient.last_delivery = query->maybe_time(0);
  recipient.streak = static_cast<int>(query->integer(1));
  recipient.streak_since = query->maybe_time(2);
  recipient.last_failure = query->maybe_time(3);
  recipient.last_category = query->text(4);
  recipient.soft_step = static_cast<int>(query->integer(5));
  recipient.hard_step = static_cast<int>(query->integer(6));
  row.events = query->integer(7);
  row.deliveries = query->text(8);
  row.checkpoint = query->text(9);
  return row;
}

// The caller knows whether there is a row, so ON CONFLICT need not search for it.
void write_row(Database& database, std::string_view address, const RecipientRow& row, bool stored) {
  const auto& recipient = row.recipient;
  run(database,
      stored ? "UPDATE recipient SET last_delivery = ?2, streak = ?3, streak_since = ?4, last_failure = ?5,"
               " last_category = ?6, soft_step = ?7, hard_step = ?8, events = ?9, deliveries = ?10,"
               " checkpoint = ?11 WHERE address = ?1"
             : "INSERT INTO recipient(address, last_delivery, streak, streak_since, last_failure, "
               "last_category, soft_step, hard_step, events, deliveries, checkpoint)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      address, recipient.last_delivery, std::int64_t{recipient.streak}, recipient.streak_since,
      recipient.last_failure, recipient.last_category, std::int64_t{recipient.soft_step},
      std::int64_t{recipient.hard_step}, row.events, row.deliveries, row.checkpoint);
}

// Rows of a learned kind that were written by hand. They count in `recipient.events`, so that a delivery
// to the address is folded, and not gathered.
std::int64_t learned_by_hand(const AddressRecord& record) {
  if (record.address.starts_with('@')) return 0;
  return std::ranges::count_if(record.entries, [](const std::optional<Suppression>& entry) {
    return entry && is_learned(entry->kind) && is_by_hand(*entry);
  });
}

// Without those before the checkpoint's last second.
std::vector<ListEvent> events_of_address(Database& database, std::string_view address,
                                         const std::optional<Checkpoint>& checkpoint) {
  auto events = acts_on(database, address);
  for (const auto& outcome :
       outcomes_of(database, address, checkpoint ? checkpoint->last.ended : Time::min())) {
    // A report about a send does not count if the log tells that it bounced or expired.
    if (outcome.ended_by == EndedBy::report && is_end_logged(database, address, outcome.message)) continue;
    for (auto& event : events_of(outcome)) events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

StoredRows load_record(Database& database, AddressRecord& record) {
  StoredRows stored;
  std::vector<ListEvent> events;
  std::optional<Checkpoint> checkpoint;
  if (auto row = read_row(database, record.address)) {
    stored.recipient = true;
    if (!row->checkpoint.empty()) checkpoint = checkpoint_from(row->checkpoint);
    if (row->events > 0) events = events_of_address(database, record.address, checkpoint);
    for (auto& delivery : deliveries_of_text(row->deliveries)) events.push_back(std::move(delivery));
    record.recipient = std::move(row->recipient);
  }
  if (checkpoint)
    std::erase_if(events, [&](const ListEvent& event) { return !before(checkpoint->last, event.id); });
  record.events = KeptEvents(merge_readings(std::move(events)), std::move(checkpoint));
  load_entries(database, record.address, record.entries);
  stored.entries = record.entries;
  return stored;
}

void save_record(Database& database, const AddressRecord& record, StoredRows& stored) {
  const auto& events = record.events.events();
  RecipientRow row{.recipient = record.recipient,
                   .events = std::count_if(
                       events.begin(), events.end(),
                       [](const ListEvent& event) { return event.id.kind != ListEventKind::delivery; }),
                   .deliveries = text_of_deliveries(events),
                   .checkpoint = {}};
  row.events += learned_by_hand(record);
  if (record.events.checkpoint()) {
    ++row.events;
    row.checkpoint = json_of(*record.events.checkpoint());
  }
  const bool known = row.events > 0 || !row.deliveries.empty() || !row.recipient.empty();
  if (known)
    write_row(database, record.address, row, stored.recipient);
  else if (stored.recipient)
    run(database, "DELETE FROM recipient WHERE address = ?1", record.address);
  stored.recipient = known;
  for (std::size_t kind = 0; kind < kSuppressionKinds; ++kind) {
    const auto& entry = record.entries[kind];
    auto& before = stored.entries[kind];
    if (entry && entry != before)
      save_entry(database, *entry, before.has_value());
    else if (!entry && before)
      remove_entry(database, record.address, static_cast<SuppressionKind>(kind));
    before = entry;
  }
}

bool add_deliveries(Database& database, std::string_view address, std::span<const EventId> deliveries) {
  auto stored = read_row(database, address);
  if (stored && stored->events > 0) return false;
  RecipientRow row = stored.value_or(RecipientRow{});
  KeptEvents events(deliveries_of_text(row.deliveries));
  for (const auto& delivery : deliveries) {
    events.take({.id = delivery, .details = {}});
    events.drop_old_deliveries();
  }
  row.recipient.last_delivery = events.events().back().id.ended;
  row.deliveries = text_of_deliveries(events.events());
  write_row(database, address, row, stored.has_value());
  return true;
}

}  // namespace suppressd
