#include "delivery_rows.h"

#include <string>
#include <utility>

#include "tag_columns.h"

namespace suppressd {

void columns(auto& column, RowOf<Outcome> auto& delivery) {
  auto& message = delivery.message;
  column("message", delivery.message_id);
  column("address", delivery.address);
  column("at", delivery.at);
  column("host", message.host);
  column("instance", message.instance);
  column("queue_id", message.queue_id);
  column("entered", message.entered);
  columns(column, delivery.tags);
}

const TableSql& delivery_sql() {
  static const auto sql = TableSql::of<Outcome>("delivery");
  return sql;
}

void insert_delivery(Database& database, const Outcome& delivery) {
  static const std::string sql = delivery_sql().insert + " ON CONFLICT DO NOTHING";
  run_row(database, sql, delivery);
}

std::vector<Outcome> deliveries_of_message(Database& database, std::string_view message,
                                           std::string_view address) {
  static const std::string sql = "SELECT " + delivery_sql().list("d") +
                                 " FROM delivery AS d WHERE d.message = ?1 AND d.address = ?2 ORDER BY d.at";
  std::vector<Outcome> found;
  Query query(database, sql, message, address);
  while (query.step()) read_columns(*query, 0, found.emplace_back());
  return found;
}

}  // namespace suppressd
