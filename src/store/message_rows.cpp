#include "message_rows.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

namespace suppressd {
namespace {

template <typename... Values>
void run_with_key(Database& database, std::string_view sql, const MessageKey& key, const Values&... values) {
  run(database, sql, key.queue_id, key.host, key.instance, key.entered, values...);
}

MessageKey read_key(const Statement& statement) {
  MessageKey key;
  key.queue_id = statement.text(0);
  key.host = statement.text(1);
  key.instance = statement.text(2);
  key.entered = statement.time(3);
  return key;
}

void save_message(Database& database, const Message& message) {
  std::optional<std::string_view> sender;
  if (message.sender_known) sender = message.sender;
  run_with_key(database,
               "INSERT INTO message(queue_id, host, instance, entered, sender, null_sender, last_line, "
               "recipients, ended, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
               " ON CONFLICT (queue_id, host, instance, entered) DO UPDATE SET sender = excluded.sender, "
               "null_sender = excluded.null_sender,"
               " last_line = excluded.last_line, recipients = excluded.recipients, ended = excluded.ended, "
               "message = excluded.message",
               message.key, sender, std::int64_t{message.null_sender}, message.last_line,
               std::int64_t{message.recipients}, std::int64_t{message.ended}, message.message);
}

void save_send(Database& database, const MessageKey& key, const Send& send) {
  const auto& reason = *send.reason;
  run_with_key(
      database,
      "INSERT INTO send(queue_id, host, instance, entered, address, first_failed, last_failed, attempts, "
      "deferred, counted, category, action, weak, rule, code, status, stage, provider, relay, text)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"
      " ON CONFLICT (queue_id, host, instance, entered, address) DO UPDATE SET first_failed = "
      "excluded.first_failed,"
      " last_failed = excluded.last_failed, attempts = excluded.attempts, deferred = excluded.deferred, "
      "counted = excluded.counted,"
      " category = excluded.category, action = excluded.action, weak = excluded.weak, rule = excluded.rule, "
      "code = excluded.code,"
      " status = excluded.status, stage = excluded.stage, provider = excluded.provider, relay = "
      "excluded.relay, text = excluded.text",
      key, send.address, send.first_failed, send.last_failed, std::int64_t{send.attempts},
      std::int64_t{send.deferred}, std::int64_t{send.counted}, reason.category, reason.action,
      std::int64_t{reason.weak}, reason.rule, std::int64_t{reason.code}, reason.status, reason.stage,
      reason.provider, reason.relay, reason.text);
}

}  // namespace

Send read_send(const Statement& statement, int first) {
  Send send;
  send.address = statement.text(first);
  send.first_failed = statement.time(first + 1);
  send.last_failed = statement.time(first + 2);
  send.attempts = static_cast<int>(statement.integer(first + 3));
  send.deferred = statement.integer(first + 4) != 0;
  send.counted = statement.integer(first + 5) != 0;
  FailureReason reason;
  reason.category = statement.text(first + 6);
  reason.action = statement.text(first + 7);
  reason.weak = statement.integer(first + 8) != 0;
  reason.rule = statement.text(first + 9);
  reason.code = static_cast<int>(statement.integer(first + 10));
  reason.status = statement.text(first + 11);
  reason.stage = statement.text(first + 12);
  reason.provider = statement.text(first + 13);
  reason.relay = statement.text(first + 14);
  reason.text = statement.text(first + 15);
  send.reason = std::make_shared<const FailureReason>(std::move(reason));
  return send;
}

std::vector<StoredMessage> load_messages(Database& database) {
  const ReadTransaction one_moment(database);
  std::vector<StoredMessage> messages;
  Query query(database,
              "SELECT queue_id, host, instance, entered, sender, null_sender, last_line, recipients, ended, "
              "message FROM message ORDER BY queue_id, host, instance, entered");
  while (query.step()) {
    Message& message = messages.emplace_back().message;
    message.key = read_key(*query);
    message.sender_known = !query->is_null(4);
    message.sender = query->text(4);
    message.null_sender = query->integer(5) != 0;
    message.last_line = query->time(6);
    message.recipients = static_cast<unsigned>(query->integer(7));
    message.ended = static_cast<unsigned>(query->integer(8));
    message.message = query->text(9);
  }
  // Both tables come in the order of their keys, so that sends find their message by going on.
  static const std::string sql = "SELECT d.queue_id, d.host, d.instance, d.entered, " + kSendColumns +
                                 " FROM send AS d ORDER BY d.queue_id, d.host, d.instance, d.entered";
  const auto order = [](const MessageKey& key) {
    return std::tie(key.queue_id, key.host, key.instance, key.entered);
  };
  auto place = messages.begin();
  Query sends(database, sql);
  while (sends.step()) {
    const MessageKey key = read_key(*sends);
    while (place != messages.end() && order(place->message.key) < order(key)) ++place;
    if (place != messages.end() && place->message.key == key) place->sends.push_back(read_send(*sends, 4));
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
  for (const Message& message : changes.messages) save_message(database, message);
  for (const auto& [key, address] : changes.removed_sends)
    run_with_key(database,
                 "DELETE FROM send WHERE queue_id = ?1 AND host = ?2 AND instance = ?3 AND entered = ?4 AND "
                 "address = ?5",
                 key, address);
  for (const auto& [key, send] : changes.sends) save_send(database, key, send);
}

std::vector<TrafficBucket> load_traffic(Database& database) {
  std::vector<TrafficBucket> buckets;
  Query query(database, "SELECT provider, start, attempts, hard FROM traffic ORDER BY provider, start");
  while (query.step())
    buckets.push_back({std::string(query->text(0)), query->time(1), query->integer(2), query->integer(3)});
  return buckets;
}

void save_traffic(Database& database, const Brake::Changes& changes) {
  for (const TrafficBucket& bucket : changes.removed)
    run(database, "DELETE FROM traffic WHERE provider = ?1 AND start = ?2", bucket.provider, bucket.start);
  for (const TrafficBucket& bucket : changes.written)
    run(database,
        "INSERT INTO traffic(provider, start, attempts, hard) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (provider, start) DO UPDATE SET attempts = excluded.attempts, hard = excluded.hard",
        bucket.provider, bucket.start, bucket.attempts, bucket.hard);
}

}  // namespace suppressd
