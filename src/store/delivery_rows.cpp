#include "delivery_rows.h"

#include <string>

namespace suppressd {
namespace {

const std::string kColumns =
    "address, at, queue_id, host, instance, entered, message, last_delivery, last_manual, streak, "
    "streak_since, last_failure,"
    " last_failure_entered, last_category, soft_step, hard_step, soft_since, soft_until, hard_since, "
    "hard_until, hard_state, hard_contradicted_at, last_delivery_id";

Delivery read_delivery(const Statement& row) {
  Delivery delivery;
  delivery.address = row.text(0);
  delivery.at = row.time(1);
  delivery.queue_id = row.text(2);
  delivery.host = row.text(3);
  delivery.instance = row.text(4);
  delivery.entered = row.maybe_time(5);
  delivery.message = row.text(6);
  auto& recipient = delivery.recipient;
  recipient.last_delivery = row.maybe_time(7);
  recipient.last_manual = row.maybe_time(8);
  recipient.streak = static_cast<int>(row.integer(9));
  recipient.streak_since = row.maybe_time(10);
  recipient.last_failure = row.maybe_time(11);
  recipient.last_failure_entered = row.maybe_time(12);
  recipient.last_category = row.text(13);
  recipient.soft_step = static_cast<int>(row.integer(14));
  recipient.hard_step = static_cast<int>(row.integer(15));
  recipient.last_delivery_id = row.text(22);
  if (!row.is_null(16))
    delivery.soft = EntryMark{row.time(16), row.maybe_time(17), SuppressionState::active, std::nullopt};
  if (!row.is_null(18)) {
    const auto state = suppression_state_from(row.text(20)).value_or(SuppressionState::active);
    delivery.hard = EntryMark{row.time(18), row.maybe_time(19), state, row.maybe_time(21)};
  }
  return delivery;
}

std::vector<Delivery> read_all(Query& query) {
  std::vector<Delivery> found;
  while (query.step()) found.push_back(read_delivery(*query));
  return found;
}

std::optional<Time> since_of(const std::optional<EntryMark>& mark) {
  return mark ? std::optional(mark->since) : std::nullopt;
}
std::optional<Time> until_of(const std::optional<EntryMark>& mark) {
  return mark ? mark->until : std::nullopt;
}

}  // namespace

void save_delivery(Database& database, const Delivery& delivery) {
  static const std::string sql =
      "INSERT OR REPLACE INTO delivery(" + kColumns +
      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
      " ?21, ?22, ?23)";
  const auto& recipient = delivery.recipient;
  const std::string_view hard_state = delivery.hard ? name_of(delivery.hard->state) : std::string_view{};
  run(database, sql, delivery.address, delivery.at, delivery.queue_id, delivery.host, delivery.instance,
      delivery.entered, delivery.message, recipient.last_delivery, recipient.last_manual,
      std::int64_t{recipient.streak}, recipient.streak_since, recipient.last_failure,
      recipient.last_failure_entered, recipient.last_category, std::int64_t{recipient.soft_step},
      std::int64_t{recipient.hard_step}, since_of(delivery.soft), until_of(delivery.soft),
      since_of(delivery.hard), until_of(delivery.hard), hard_state,
      delivery.hard ? delivery.hard->contradicted_at : std::nullopt, recipient.last_delivery_id);
}

void remove_delivery(Database& database, const Delivery& delivery) {
  run(database, "DELETE FROM delivery WHERE address = ?1 AND at = ?2 AND queue_id = ?3 AND host = ?4",
      delivery.address, delivery.at, delivery.queue_id, delivery.host);
}

std::vector<Delivery> deliveries_since(Database& database, std::string_view address, Time since) {
  static const std::string sql =
      "SELECT " + kColumns + " FROM delivery WHERE address = ?1 AND at >= ?2 ORDER BY at, queue_id, host";
  Query query(database, sql, address, since);
  return read_all(query);
}

std::vector<Delivery> deliveries_of_message(Database& database, std::string_view message,
                                            std::string_view address) {
  static const std::string sql =
      "SELECT " + kColumns +
      " FROM delivery WHERE message = ?1 AND address = ?2 AND message <> '' ORDER BY at";
  Query query(database, sql, message, address);
  return read_all(query);
}

}  // namespace suppressd
