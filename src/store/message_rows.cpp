#include "message_rows.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "reason_columns.h"
#include "tag_columns.h"
#include "tag_rows.h"

namespace suppressd {

void columns(auto& column, RowOf<MessageKey> auto& key) {
  column("queue_id", key.queue_id);
  column("host", key.host);
  column("instance", key.instance);
  column("entered", key.entered);
}

/// The sender of a message, which may be unknown yet.
template <typename Text, typename Known>
struct SenderColumn {
  Text& text;
  Known& known;
};
static void bind_column(Statement& statement, int index,
                        const SenderColumn<const std::string, const bool>& sender) {
  if (sender.known)
    statement.bind_in_place(index, sender.text);
  else
    statement.bind(index, std::nullopt);
}
static void read_column(const Statement& statement, int index,
                        const SenderColumn<std::string, bool>& sender) {
  sender.known = !statement.is_null(index);
  sender.text = statement.text(index);
}

void columns(auto& column, RowOf<Message> auto& message) {
  columns(column, message.key);
  column("sender", SenderColumn{message.sender, message.sender_known});
  column("null_sender", message.null_sender);
  column("last_line", message.last_line);
  column("recipients", message.recipients);
  column("ended", message.ended);
  column("message", message.message);
  column("message_id", message.message_id, kNotDumped);
  columns(column, message.tags);
}

// Followed by the reason, which sends share.
void columns(auto& column, RowOf<Send> auto& send) {
  column("address", send.address);
  column("first_failed", send.first_failed);
  column("last_failed", send.last_failed);
  column("attempts", send.attempts);
  column("deferred", send.deferred);
  column("counted", send.counted);
}

void columns(auto& column, RowOf<TrafficBucket> auto& bucket) {
  column("provider", bucket.provider);
  column("start", bucket.start);
  column("sends", bucket.sends);
  column("hard", bucket.hard);
  column("pending", bucket.pending);
}

namespace {

constexpr int kKeyColumns = 4;  // of MessageKey

template <typename... Values>
void run_with_key(Database& database, std::string_view sql, const MessageKey& key, const Values&... values) {
  run(database, sql, key.queue_id, key.host, key.instance, key.entered, values...);
}

}  // namespace

const TableSql& message_sql() {
  static const auto sql = TableSql::of<Message>("message", kKeyColumns);
  return sql;
}

const TableSql& send_sql() {
  static const auto sql = TableSql::of<MessageKey, Send, FailureReason>("send", kKeyColumns + 1);
  return sql;
}

const TableSql& traffic_sql() {
  static const auto sql = TableSql::of<TrafficBucket>("traffic", 2);
  return sql;
}

Send read_send(const Statement& statement) {
  Send send;
  FailureReason reason;
  read_columns(statement, kKeyColumns, send, reason);
  send.reason = std::make_shared<const FailureReason>(std::move(reason));
  return send;
}

std::vector<StoredMessage> load_messages(Database& database) {
  const ReadTransaction one_moment(database);
  std::vector<StoredMessage> messages;
  static const std::string message_query =
      "SELECT " + message_sql().list("m") +
      " FROM message AS m ORDER BY m.queue_id, m.host, m.instance, m.entered";
  Query query(database, message_query);
  while (query.step()) read_columns(*query, 0, messages.emplace_back().message);
  // Both tables are read in the order of their keys, so the message of a send is at or after the last one.
  static const std::string send_query =
      "SELECT " + send_sql().list("d") + " FROM send AS d ORDER BY d.queue_id, d.host, d.instance, d.entered";
  const auto order = [](const MessageKey& key) {
    return std::tie(key.queue_id, key.host, key.instance, key.entered);
  };
  auto place = messages.begin();
  Query sends(database, send_query);
  while (sends.step()) {
    MessageKey key;
    read_columns(*sends, 0, key);
    while (place != messages.end() && order(place->message.key) < order(key)) ++place;
    if (place != messages.end() && place->message.key == key) place->sends.push_back(read_send(*sends));
  }
  return messages;
}

void save_messages(Database& database, const TrackerChanges& changes) {
  for (const MessageKey& key : changes.removed) {
    run_with_key(database,
                 "DELETE FROM message WHERE queue_id = ?1 AND host = ?2 AND instance = ?3 AND entered = ?4",
                 key);
    run_with_key(database,
                 "DELETE FROM send WHERE queue_id = ?1 AND host = ?2 AND instance = ?3 AND entered = ?4",
                 key);
  }
  for (const Message& message : changes.messages) run_row(database, message_sql().upsert, message);
  for (const auto& [key, address] : changes.removed_sends)
    run_with_key(database,
                 "DELETE FROM send WHERE queue_id = ?1 AND host = ?2 AND instance = ?3 AND entered = ?4 AND "
                 "address = ?5",
                 key, address);
  for (const auto& [key, send] : changes.sends) run_row(database, send_sql().upsert, key, send, *send.reason);
  save_tag_notes(database, changes.tags);
}

std::vector<TrafficBucket> load_traffic(Database& database) {
  static const std::string sql =
      "SELECT " + traffic_sql().list("t") + " FROM traffic AS t ORDER BY t.provider, t.start";
  std::vector<TrafficBucket> buckets;
  Query query(database, sql);
  while (query.step()) read_columns(*query, 0, buckets.emplace_back());
  return buckets;
}

void save_traffic(Database& database, const Brake::Changes& changes) {
  for (const TrafficBucket& bucket : changes.removed)
    run(database, "DELETE FROM traffic WHERE provider = ?1 AND start = ?2", bucket.provider, bucket.start);
  for (const TrafficBucket& bucket : changes.written) run_row(database, traffic_sql().upsert, bucket);
}

}  // namespace suppressd
