#include "record_rows.h"

#include <algorithm>

#include "suppressd/core/address.h"
#include "suppressd/core/rate_mark.h"

#include "act_rows.h"
#include "checkpoint_json.h"
#include "delivery_list.h"
#include "domain_rows.h"
#include "evidence_rows.h"
#include "suppression_rows.h"

namespace suppressd {
namespace {

// Apart from the row, so that an address is not copied.
struct RecipientKey {
  std::string_view address;
};

struct RecipientRow {
  Recipient recipient;
  std::int64_t events = 0;
  std::string deliveries;
  std::string checkpoint;
};

void columns(auto& column, RowOf<RecipientKey> auto& key) {
  column("address", key.address);
}

void columns(auto& column, RowOf<RecipientRow> auto& row) {
  auto& recipient = row.recipient;
  column("last_delivery", recipient.last_delivery);
  column("streak", recipient.streak);
  column("streak_since", recipient.streak_since);
  column("last_failure", recipient.last_failure);
  column("last_category", recipient.last_category);
  column("soft_step", recipient.soft_step);
  column("hard_step", recipient.hard_step);
  column("events", row.events, kNotDumped);
  column("deliveries", row.deliveries, kNotDumped);
  column("checkpoint", row.checkpoint, kNotDumped);
}

std::optional<RecipientRow> read_row(Database& database, std::string_view address) {
  static const std::string sql =
      "SELECT " + recipient_sql().list("r") + " FROM recipient AS r WHERE r.address = ?1";
  Query query(database, sql, address);
  if (!query.step()) return std::nullopt;
  RecipientRow row;
  read_columns(*query, 1, row);
  return row;
}

// The caller knows whether there is a row, so ON CONFLICT need not search for it.
void write_row(Database& database, std::string_view address, const RecipientRow& row, bool stored) {
  run_row(database, stored ? recipient_sql().update : recipient_sql().insert, RecipientKey{address}, row);
}

// Rows of a learned kind that were written by hand. They count in `recipient.events`, so that a delivery
// to the address is folded, and not gathered.
std::int64_t learned_by_hand(const AddressRecord& record) {
  if (is_whole_domain(record.address)) return 0;
  const auto counts = [](const Suppression& entry) { return is_learned(entry.kind) && is_by_hand(entry); };
  return std::ranges::count_if(record.entries, [&](const auto& entry) { return entry && counts(*entry); }) +
         std::ranges::count_if(record.scoped, counts);
}

const Suppression* same_key(const std::vector<Suppression>& rows, const Suppression& row) {
  const auto found = std::ranges::find_if(
      rows, [&](const Suppression& other) { return other.kind == row.kind && other.scope == row.scope; });
  return found != rows.end() ? &*found : nullptr;
}

void save_scoped(Database& database, const AddressRecord& record, std::vector<Suppression>& stored) {
  if (record.scoped == stored) return;
  for (const auto& before : stored)
    if (same_key(record.scoped, before) == nullptr) remove_entry(database, before);
  for (const auto& row : record.scoped) {
    const auto* before = same_key(stored, row);
    if (before == nullptr || *before != row) save_entry(database, row, before != nullptr);
  }
  stored = record.scoped;
}

// The failures and reports of an address from that time on; those against an `@domain`.
void add_failures(Database& database, std::string_view address, Time from, std::vector<ListEvent>& events) {
  for (const auto& evidence : events_from(database, address, from)) {
    const auto& outcome = evidence.outcome;
    // A report about a send does not count if the log tells that it bounced or expired.
    if (outcome.ended_by == EndedBy::report && is_end_logged(database, outcome.address, outcome.message))
      continue;
    for (auto& event : events_of(evidence, address, !outcome.reason.text.empty()))
      events.push_back(std::move(event));
  }
}

// Without those before the checkpoint's last second.
std::vector<ListEvent> events_of_address(Database& database, std::string_view address,
                                         const std::optional<Checkpoint>& checkpoint) {
  auto events = acts_on(database, address);
  add_failures(database, address, checkpoint ? checkpoint->last.ended : Time::min(), events);
  return events;
}

// All that is after its newest delivery. A checkpoint that was made without that delivery does not count.
KeptEvents events_of_domain(Database& database, std::string_view domain, std::optional<Checkpoint> checkpoint,
                            std::optional<Time> delivered) {
  const auto folded = checkpoint && checkpoint->state.delivery
                          ? std::optional(checkpoint->state.delivery->ended)
                          : std::nullopt;
  if (checkpoint && folded != delivered) checkpoint.reset();
  auto events = acts_on(database, domain);
  const auto from = checkpoint ? checkpoint->last.ended : delivered.value_or(Time::min());
  add_failures(database, domain, from, events);
  if (checkpoint) {
    std::erase_if(events, [&](const ListEvent& event) { return !before(checkpoint->last, event.id); });
    return KeptEvents(std::move(events), std::move(checkpoint));
  }
  KeptEvents kept(std::move(events));
  if (delivered) kept.deliver_to_domain(*delivered);
  return kept;
}

}  // namespace

const TableSql& recipient_sql() {
  static const auto sql = TableSql::of<RecipientKey, RecipientRow>("recipient", 1);
  return sql;
}

StoredRows load_record(Database& database, AddressRecord& record) {
  StoredRows stored;
  std::vector<ListEvent> events;
  std::optional<Checkpoint> checkpoint;
  const bool of_domain = is_whole_domain(record.address);
  if (auto row = read_row(database, record.address)) {
    stored.recipient = true;
    if (!row->checkpoint.empty()) checkpoint = checkpoint_from(row->checkpoint);
    if (row->events > 0 && !of_domain) events = events_of_address(database, record.address, checkpoint);
    for (auto& delivery : deliveries_of_text(row->deliveries)) events.push_back(std::move(delivery));
    record.recipient = std::move(row->recipient);
  }
  if (of_domain) {
    auto& delivered = record.recipient.last_delivery;
    delivered = delivered_to_domain(database, domain_of(record.address));
    record.events = events_of_domain(database, record.address, std::move(checkpoint), delivered);
  } else {
    if (checkpoint)
      std::erase_if(events, [&](const ListEvent& event) { return !before(checkpoint->last, event.id); });
    record.events = KeptEvents(merge_readings(std::move(events)), std::move(checkpoint));
  }
  load_entries(database, record);
  stored.entries = record.entries;
  stored.scoped = record.scoped;
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
  if (is_whole_domain(record.address)) {  // its newest delivery is in `domain`
    row.recipient.last_delivery.reset();
    row.deliveries.clear();
  }
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
      remove_entry(database, *before);
    before = entry;
  }
  save_scoped(database, record, stored.scoped);
}

static void count_in(RateTally& rates, const GatheredDelivery& delivery) {
  rates.add(delivery.sender_domain, delivery.provider, *delivery.tags, delivery.id.message.entered,
            kDelivered);
}

bool add_deliveries(Database& database, std::string_view address,
                    std::span<const GatheredDelivery> deliveries, const DeliveryTallies& tallies,
                    bool remember) {
  auto stored = read_row(database, address);
  if (stored && stored->events > 0) return false;
  if (!stored && !remember) {
    for (const auto& delivery : deliveries) count_in(tallies.rates, delivery);
    return true;
  }
  RecipientRow row = stored ? std::move(*stored) : RecipientRow{};
  KeptEvents events(deliveries_of_text(row.deliveries));
  auto& newest = row.recipient.last_delivery;
  for (const auto& delivery : deliveries) {
    tallies.known_good.add_delivery(delivery.provider, domain_of(address), delivery.id.ended, newest);
    const bool counts = is_new_delivery(events, delivery.id);
    if (newest && delivery.id.ended <= *newest)
      tallies.domains.forget_delivery(domain_of(address), delivery.id.ended);
    if (events.take({.id = delivery.id, .details = {}}) == KeptEvents::Taken::added && counts)
      count_in(tallies.rates, delivery);
    else if (tallies.known_before != nullptr)
      tallies.known_before->push_back(delivery);
    events.drop_old_deliveries();
    newest = events.events().back().id.ended;
  }
  row.deliveries = text_of_deliveries(events.events());
  write_row(database, address, row, stored.has_value());
  return true;
}

}  // namespace suppressd
