#include "suppressd/store/ledger.h"

#include <memory>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "fixture.h"
#include "ledger_state.h"

namespace suppressd::test {
namespace {

class LedgerTest : public StoreTest {
 protected:
  LedgerTest() : LedgerTest(Ledger::Durability::learning) {}
  explicit LedgerTest(Ledger::Durability durability)
      : state_(std::make_unique<LedgerState>(open(), durability)),
        database_(state_->database),
        ledger_(std::move(state_)),
        shell_(path_) {}

  /// Whether what is held in memory must be read again.
  bool begin() {
    batch_.emplace(must(ledger_.begin()));
    return batch_->must_load();
  }
  void commit() {
    must(batch_->commit());
    batch_.reset();
  }

  Message message(const std::string& queue_id, Time entered = kNow) {
    Message row;
    row.key = {"mx", "postfix", queue_id, entered};
    row.sender_known = true;
    row.sender = "news@sender.example";
    row.last_line = entered + Duration{3};
    row.recipients = 4;
    row.ended = 1;
    return row;
  }
  Send send(const std::string& address) {
    Send row;
    row.address = address;
    row.first_failed = kNow;
    row.last_failed = kNow + Duration{60};
    row.attempts = 2;
    row.deferred = true;
    row.counted = true;
    const FailureReason reason{.judgement = {.category = Category::mailbox_full,
                                             .action = Action::soft,
                                             .weak = true,
                                             .rule = "over-quota"},
                               .code = 452,
                               .status = {4, 2, 2},
                               .stage = Stage::rcpt,
                               .provider = "example.com",
                               .relay = "mx.example.com",
                               .text = "452 4.2.2 over quota"};
    row.reason = std::make_shared<const FailureReason>(reason);
    return row;
  }

  std::unique_ptr<LedgerState> state_;  ///< Until the ledger has it.
  Database& database_;                  ///< The ledger's own.
  Ledger ledger_;
  std::optional<Batch> batch_;
  Shell shell_;
};

TEST_F(LedgerTest, a_record_is_read_back_as_it_was_written) {
  Recipient recipient{.last_delivery = kNow,
                      .streak = 2,
                      .streak_since = kNow + Duration{2},
                      .last_failure = kNow + Duration{3},
                      .last_category = "mailbox-full",
                      .soft_step = 5,
                      .hard_step = 6};
  begin();
  AddressRecord* record = must(batch_->record("a@b.example"));
  EXPECT_TRUE(record->recipient.empty());
  record->recipient = recipient;
  record->entry(SuppressionKind::soft) = entry("a@b.example", SuppressionKind::soft);
  batch_->changed(*record);
  commit();

  begin();
  record = must(batch_->record("a@b.example"));
  EXPECT_EQ(record->recipient, recipient);
  ASSERT_TRUE(record->entry(SuppressionKind::soft));
  EXPECT_EQ(record->entry(SuppressionKind::soft)->ref, "ABC123");
  EXPECT_FALSE(record->entry(SuppressionKind::hard));
}

TEST_F(LedgerTest, more_records_than_are_kept_are_still_written) {
  constexpr int kMany = 9000;
  const auto address_of = [](int number) { return "user" + std::to_string(number) + "@b.example"; };
  begin();
  for (int i = 0; i < kMany; ++i) {
    AddressRecord* record = must(batch_->record(address_of(i)));
    record->recipient.streak = i + 1;
    if (i % 3 == 0) record->entry(SuppressionKind::soft) = entry(address_of(i), SuppressionKind::soft);
    batch_->changed(*record);
  }
  for (int i = 0; i < kMany; i += 100) {
    AddressRecord* record = must(batch_->record(address_of(i)));
    ASSERT_EQ(record->recipient.streak, i + 1);
    ASSERT_EQ(record->entry(SuppressionKind::soft).has_value(), i % 3 == 0);
    record->recipient.streak = 1;
    batch_->changed(*record);
  }
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*), sum(streak = 1) FROM recipient"), "9000|90");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM suppression"), "3000");
}

TEST_F(LedgerTest, records_that_are_not_marked_are_not_written) {
  begin();
  must(batch_->record("a@b.example"))->recipient.streak = 1;
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient"), "0");
}

TEST_F(LedgerTest, a_kept_record_is_written_again_with_its_changes) {
  for (int streak : {1, 2, 0, 3}) {
    begin();
    AddressRecord* record = must(batch_->record("a@b.example"));
    record->recipient.streak = streak;
    if (streak == 2)
      record->entry(SuppressionKind::soft) = entry("a@b.example", SuppressionKind::soft);
    else
      record->entry(SuppressionKind::soft).reset();
    batch_->changed(*record);
    commit();
    EXPECT_EQ(shell_.ask("SELECT coalesce(max(streak), 0) FROM recipient"), std::to_string(streak));
    EXPECT_EQ(shell_.ask("SELECT count(*) FROM suppression"), streak == 2 ? "1" : "0");
  }
}

TEST_F(LedgerTest, only_another_connection_is_company) {
  for (int i = 0; i < 2; ++i) {
    begin();
    must(batch_->add_gap({.from = kNow, .to = kNow, .source = "log", .reason = "lost"}));
    commit();
    database_.execute("DELETE FROM gap");
    EXPECT_FALSE(ledger_.in_company());
  }
  shell_.run("DELETE FROM gap");
  begin();
  EXPECT_TRUE(ledger_.in_company());
}

TEST_F(LedgerTest, an_exemption_that_comes_later_is_known) {
  begin();
  EXPECT_FALSE(must(batch_->record("a@b.example"))->exempt());
  commit();
  shell_.run("INSERT INTO exemption(address) VALUES ('@b.example')");
  begin();
  EXPECT_TRUE(must(batch_->record("a@b.example"))->exempt());
}

TEST_F(LedgerTest, an_empty_recipient_has_no_row) {
  Recipient recipient;
  recipient.streak = 1;
  put(database_, {entry("a@b.example", SuppressionKind::hard)}, recipient);
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient"), "1");
  put(database_, {entry("a@b.example", SuppressionKind::hard)});
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient"), "0");
}

TEST_F(LedgerTest, an_entry_that_is_gone_from_the_record_is_deleted) {
  put(database_, {entry("a@b.example", SuppressionKind::hard)});
  begin();
  AddressRecord* record = must(batch_->record("a@b.example"));
  record->entry(SuppressionKind::hard).reset();
  batch_->changed(*record);
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM suppression"), "0");
}

TEST_F(LedgerTest, exemption_by_address_or_domain_is_known) {
  shell_.run("INSERT INTO exemption(address) VALUES ('a@b.example'), ('@c.example')");
  begin();
  EXPECT_TRUE(must(batch_->record("a@b.example"))->exempt());
  EXPECT_TRUE(must(batch_->record("x@c.example"))->exempt());
  EXPECT_TRUE(must(batch_->record("@c.example"))->exempt());
  EXPECT_FALSE(must(batch_->record("x@b.example"))->exempt());
}

TEST_F(LedgerTest, an_entry_lifted_before_it_began_is_still_written) {
  auto row = entry("a@b.example", SuppressionKind::soft, kNow + kDay);
  row.until = kNow;
  put(database_, {row});
  EXPECT_EQ(shell_.ask("SELECT since = until FROM suppression"), "1");
}

TEST_F(LedgerTest, rollback_leaves_nothing) {
  begin();
  AddressRecord* record = must(batch_->record("a@b.example"));
  record->recipient.streak = 1;
  batch_->changed(*record);
  must(batch_->save(evidence_of(failure("a@b.example"))));
  batch_.reset();
  begin();
  commit();
  EXPECT_EQ(shell_.ask("SELECT (SELECT count(*) FROM recipient), (SELECT count(*) FROM evidence)"), "0|0");
}

// DESIGN: two readings whose entries are at most 5 s apart are one event.
TEST_F(LedgerTest, another_reading_of_an_event_is_found_and_updates_its_row) {
  auto outcome = failure("a@b.example");
  begin();
  const auto id = must(batch_->save(evidence_of(outcome)));
  auto reading = outcome;
  reading.at -= Duration{1};
  reading.message.entered -= kEntryApart;
  const auto known = must(batch_->stored(reading)).reading;
  ASSERT_TRUE(known);
  EXPECT_EQ(known->id, id);
  EXPECT_EQ(known->outcome, outcome);
  EXPECT_EQ(must(batch_->save({.id = id, .outcome = reading})), id);
  EXPECT_EQ(must(batch_->stored(outcome)).reading->outcome, reading);
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM evidence"), "1");
}

TEST_F(LedgerTest, evidence_of_another_event_is_not_a_reading) {
  const auto outcome = failure("a@b.example");
  begin();
  must(batch_->save(evidence_of(outcome)));
  EXPECT_FALSE(must(batch_->stored(failure("c@b.example"))).reading);
  EXPECT_FALSE(must(batch_->stored(failure("a@b.example", kNow, "4OTHER"))).reading);
  auto later = outcome;
  later.message.entered += kEntryApart + Duration{1};
  EXPECT_FALSE(must(batch_->stored(later)).reading);
  auto elsewhere = outcome;
  elsewhere.message.host = "other";
  EXPECT_FALSE(must(batch_->stored(elsewhere)).reading);
  auto window = outcome;
  window.ended_by = EndedBy::window;
  EXPECT_FALSE(must(batch_->stored(window)).reading);
}

TEST_F(LedgerTest, text_with_any_byte_is_stored_whole) {
  auto evidence = failure("a@b.example");
  evidence.reason.text = std::string("a\0b'\"\xff", 6);
  begin();
  must(batch_->save(evidence_of(evidence)));
  commit();
  EXPECT_EQ(shell_.ask("SELECT hex(text) FROM evidence"), "6100622722FF");
}

TEST_F(LedgerTest, a_cursor_is_found_by_stream_and_by_source) {
  Cursor cursor{.kind = "file",
                .source = "/var/log/mail.log",
                .first_line = "f00",
                .offset = 1ull << 40,
                .digest = "d",
                .position = "p",
                .last_time = kNow,
                .zone = "Europe/Berlin",
                .swept = kNow - kDay};
  begin();
  cursor = must(batch_->save_cursor(cursor));
  Cursor rotated = cursor;
  rotated.id = 0;
  rotated.first_line = "bar";
  const auto second = must(batch_->save_cursor(rotated)).id;
  EXPECT_NE(second, cursor.id);
  commit();

  EXPECT_EQ(must(ledger_.newest_cursor("/var/log/mail.log"))->id, second);
  begin();
  cursor.offset += 5;
  EXPECT_EQ(must(batch_->save_cursor(cursor)).id, cursor.id);
  commit();
  const auto newest = must(ledger_.newest_cursor("/var/log/mail.log"));
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->id, cursor.id);
  EXPECT_EQ(newest->offset, (1ull << 40) + 5);
  EXPECT_EQ(newest->digest, "d");
  EXPECT_EQ(newest->position, "p");
  EXPECT_EQ(newest->last_time, kNow);
  EXPECT_EQ(newest->zone, "Europe/Berlin");
  EXPECT_EQ(newest->swept, kNow - kDay);
  EXPECT_EQ(must(ledger_.cursors_by_first_line("f00")).size(), 1u);
  EXPECT_TRUE(must(ledger_.cursors_by_first_line("none")).empty());
  EXPECT_FALSE(must(ledger_.newest_cursor("/var/log/other.log")));
}

TEST_F(LedgerTest, messages_and_sends_are_read_back_as_they_were_written) {
  const Message known = message("4A");
  Message unknown = message("4B");
  unknown.sender_known = false;
  unknown.sender.clear();
  Message null = message("4C");
  null.sender.clear();
  null.null_sender = true;
  const Send first = send("a@b.example");
  const Send second = send("c@d.example");
  begin();
  must(batch_->save(TrackerChanges{.removed = {},
                                   .messages = {known, unknown, null},
                                   .sends = {{known.key, second}, {known.key, first}},
                                   .removed_sends = {}}));
  commit();

  const auto stored = must(ledger_.messages());
  ASSERT_EQ(stored.size(), 3u);
  EXPECT_EQ(stored[0].message.key, known.key);
  EXPECT_TRUE(stored[0].message.sender_known);
  EXPECT_EQ(stored[0].message.sender, known.sender);
  EXPECT_EQ(stored[0].message.last_line, known.last_line);
  EXPECT_EQ(stored[0].message.recipients, 4u);
  EXPECT_EQ(stored[0].message.ended, 1u);
  EXPECT_FALSE(stored[1].message.sender_known);
  EXPECT_TRUE(stored[2].message.null_sender);
  EXPECT_TRUE(stored[2].message.sender_known);
  ASSERT_EQ(stored[0].sends.size(), 2u);
  EXPECT_TRUE(stored[1].sends.empty());
  const Send& got = stored[0].sends[0];
  EXPECT_EQ(got.address, first.address);
  EXPECT_EQ(got.first_failed, first.first_failed);
  EXPECT_EQ(got.last_failed, first.last_failed);
  EXPECT_EQ(got.attempts, first.attempts);
  EXPECT_EQ(got.deferred, first.deferred);
  EXPECT_EQ(got.counted, first.counted);
  EXPECT_EQ(*got.reason, *first.reason);
}

TEST_F(LedgerTest, a_removed_message_removes_its_sends_and_nothing_else) {
  const Message one = message("4A");
  const Message again = message("4A", kNow + kDay);
  const Send row = send("a@b.example");
  const Send other = send("c@d.example");
  begin();
  must(batch_->save(TrackerChanges{.removed = {},
                                   .messages = {one, again},
                                   .sends = {{one.key, row}, {again.key, row}, {again.key, other}},
                                   .removed_sends = {}}));
  commit();
  begin();
  must(batch_->save(TrackerChanges{
      .removed = {one.key}, .messages = {}, .sends = {}, .removed_sends = {{again.key, other.address}}}));
  commit();
  const auto stored = must(ledger_.messages());
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].message.key, again.key);
  ASSERT_EQ(stored[0].sends.size(), 1u);
  EXPECT_EQ(stored[0].sends[0].address, row.address);
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM send"), "1");
}

TEST_F(LedgerTest, traffic_is_written_and_removed) {
  const TrafficBucket one{"example.com", kNow, 10, 2};
  const TrafficBucket two{"example.net", kNow, 3, 0};
  begin();
  must(batch_->save(Brake::Changes{.written = {one, two}, .removed = {}}));
  must(batch_->save(Brake::Changes{.written = {{"example.com", kNow, 11, 3}}, .removed = {two}}));
  commit();
  const auto buckets = must(ledger_.traffic());
  ASSERT_EQ(buckets.size(), 1u);
  EXPECT_EQ(buckets[0].provider, "example.com");
  EXPECT_EQ(buckets[0].start, kNow);
  EXPECT_EQ(buckets[0].sends, 11);
  EXPECT_EQ(buckets[0].hard, 3);
}

TEST_F(LedgerTest, refusals_are_recorded_and_dropped_ones_counted) {
  const Refusal refusal{.at = kNow,
                        .address = "a@b.example",
                        .sender = "",
                        .queue_id = "4A",
                        .client = "192.0.2.1",
                        .kind = "hard",
                        .category = "bad-mailbox",
                        .ref = "ABC",
                        .outcome = "refused"};
  begin();
  must(batch_->add_refusals({refusal, refusal}, 3));
  must(batch_->add_refusals({refusal}, 4));
  must(batch_->add_refusals({}, 0));
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*), min(queue_id), min(client) FROM refusal"), "3|4A|192.0.2.1");
  EXPECT_EQ(shell_.ask("SELECT day, outcome, count FROM refusal_day"), "2026-11-01|dropped|7");
}

TEST_F(LedgerTest, gaps_and_changes_are_recorded) {
  begin();
  must(batch_->add_gap(
      {.from = kNow - kDay, .to = kNow, .source = "journal", .reason = "42 messages were dropped"}));
  const Act act{.kind = ListEventKind::lift, .at = kNow, .actor = "root", .note = "asked", .undo = {}};
  const auto number = must(batch_->add_act(act));
  EXPECT_GT(must(batch_->add_act(act)), number);
  must(batch_->add_change({.at = kNow,
                           .address = "a@b.example",
                           .act = ChangeAct::added,
                           .kind = SuppressionKind::manual,
                           .actor = "root",
                           .act_number = number}));
  commit();
  EXPECT_EQ(shell_.ask("SELECT source, reason FROM gap"), "journal|42 messages were dropped");
  EXPECT_EQ(shell_.ask("SELECT a.act, a.evidence, b.act FROM audit AS a JOIN act AS b USING (number)"),
            "added|NULL|lift");
}

TEST_F(LedgerTest, only_foreign_learning_forces_a_reload) {
  const Message row = message("4A");
  const auto learn = [&](Ledger& ledger) {
    auto batch = must(ledger.begin());
    must(batch.save(TrackerChanges{.removed = {}, .messages = {row}, .sends = {}, .removed_sends = {}}));
    must(batch.commit());
  };
  EXPECT_TRUE(begin()) << "at first";
  commit();
  learn(ledger_);
  EXPECT_FALSE(begin()) << "our own commit";
  commit();

  shell_.run("INSERT INTO suppression(address) VALUES ('a@b.example')");
  EXPECT_FALSE(begin()) << "a change by hand";
  commit();

  Ledger other = open_ledger();
  learn(other);
  EXPECT_TRUE(begin()) << "another process learned";
  commit();
  EXPECT_FALSE(begin()) << "told once";
  batch_.reset();
  EXPECT_TRUE(begin()) << "after a rollback";
  batch_.reset();
}

TEST_F(LedgerTest, a_failure_ends_the_transaction_and_says_so) {
  begin();
  AddressRecord* record = must(batch_->record("NOT canonical"));
  record->entry(SuppressionKind::hard) = entry("NOT canonical", SuppressionKind::hard);
  batch_->changed(*record);
  must(batch_->add_gap({.from = kNow, .to = kNow, .source = "s", .reason = "r"}));
  const Status committed = batch_->commit();
  ASSERT_FALSE(committed);
  EXPECT_TRUE(has(committed.error().message, "address must be canonical")) << committed.error().message;
  EXPECT_TRUE(has(batch_->commit().error().message, "no transaction is open"));
  EXPECT_TRUE(has(batch_->record("a@b.example").error().message, "no transaction is open"));
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM gap"), "0");
  EXPECT_TRUE(begin());
  commit();
}

TEST_F(LedgerTest, a_full_disk_loses_nothing_and_learning_resumes) {
  database_.execute("PRAGMA max_page_count = " + shell_.ask("PRAGMA page_count"));
  Status failed;
  for (int round = 0; failed && round < 100; ++round) {
    begin();
    for (int i = 0; i < 100 && failed; ++i)
      if (const auto added =
              batch_->save(evidence_of(failure("a@b.example", kNow + Duration{round * 100 + i})));
          !added)
        failed = added.error();
    if (failed) failed = batch_->commit();
  }
  ASSERT_FALSE(failed);
  EXPECT_TRUE(has(failed.error().message, "no space left") && has(failed.error().message, "resumes"))
      << failed.error().message;
  EXPECT_EQ(shell_.ask("PRAGMA integrity_check"), "ok");
  database_.execute("PRAGMA max_page_count = 1000000");
  EXPECT_TRUE(begin());
  must(batch_->save(evidence_of(failure("b@b.example"))));
  commit();
}

TEST_F(LedgerTest, a_lock_of_another_program_is_named) {
  sqlite3_busy_timeout(database_.handle(), 10);
  shell_.run("BEGIN IMMEDIATE");
  const auto begun = ledger_.begin();
  ASSERT_FALSE(begun);
  EXPECT_TRUE(has(begun.error().message, "holds a lock")) << begun.error().message;
  EXPECT_TRUE(has(begun.error().message, "`lslocks | grep " + path_))
      << "util-linux has it; fuser need not be there";
  shell_.run("ROLLBACK");
  EXPECT_TRUE(begin());
}

TEST_F(LedgerTest, a_deleted_file_is_not_written_to) {
  std::filesystem::remove(path_);
  const auto begun = ledger_.begin();
  ASSERT_FALSE(begun);
  EXPECT_TRUE(has(begun.error().message, "deleted while it was open")) << begun.error().message;
  EXPECT_FALSE(std::filesystem::exists(path_))
      << "an empty list must not take the place of a lost one by itself";
}

TEST_F(LedgerTest, a_replaced_file_is_learned_into_from_the_next_transaction_on) {
  ASSERT_TRUE(begin());
  commit();
  for (const char* suffix : {"", "-wal", "-shm"})
    std::filesystem::rename(path_ + suffix, path_ + ".old" + suffix);
  const Database other = open();
  const auto begun = ledger_.begin();
  ASSERT_FALSE(begun) << "what is held in memory belongs to the old file";
  EXPECT_TRUE(has(begun.error().message, "replaced")) << begun.error().message;
  EXPECT_TRUE(begin());
  must(batch_->add_gap({.from = kNow, .to = kNow, .source = "log", .reason = "lost"}));
  commit();
  EXPECT_EQ(Shell(path_).ask("SELECT count(*) FROM gap"), "1");
  EXPECT_EQ(Shell(path_ + ".old").ask("SELECT count(*) FROM gap"), "0");
}

TEST_F(LedgerTest, a_new_file_beside_the_log_of_the_old_one_is_not_written_to) {
  put(database_, {entry("old@b.example", SuppressionKind::hard)});
  const std::string other = folder_ + "/other.db";
  {
    auto database = must(Database::open(other, Database::Mode::create));
    put(database, {entry("new@b.example", SuppressionKind::hard)});
  }
  const auto size = std::filesystem::file_size(other);
  {
    Shell old(path_);
    ASSERT_EQ(old.run("BEGIN; SELECT * FROM suppression"), "");  // so that the log cannot be emptied
    put(database_, {entry("later@b.example", SuppressionKind::hard)});
    std::filesystem::rename(other, path_);
    for (int i = 0; i < 3; ++i) {
      const auto begun = ledger_.begin();
      ASSERT_FALSE(begun);
      EXPECT_TRUE(has(begun.error().message, "belongs to the old one")) << begun.error().message;
    }
    EXPECT_EQ(std::filesystem::file_size(path_), size);
  }
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  for (int i = 0; i < 2 && !ledger_.begin(); ++i) {
  }
  begin();
  commit();
  EXPECT_EQ(Shell(path_).ask("SELECT address FROM suppression"), "new@b.example");
}

TEST_F(LedgerTest, acts_by_hand_are_durable_and_learning_need_not_be) {
  const auto synchronous = [&](Ledger::Durability durability) {
    auto state = std::make_unique<LedgerState>(open(), durability);
    Database& database = state->database;
    Ledger ledger(std::move(state));
    must(must(ledger.begin()).commit());
    Query query(database, "PRAGMA synchronous");
    query.step();
    return query->integer(0);
  };
  EXPECT_EQ(synchronous(Ledger::Durability::learning), 1);
  EXPECT_EQ(synchronous(Ledger::Durability::by_hand), 2);
}

TEST_F(LedgerTest, entries_that_have_not_changed_are_not_written_again) {
  put(database_, {entry("a@b.example", SuppressionKind::hard)});
  const auto rows_written = [&](const std::function<void(AddressRecord&)>& change) {
    begin();
    AddressRecord* record = must(batch_->record("a@b.example"));
    change(*record);
    batch_->changed(*record);
    const auto before = database_.total_changes();
    commit();
    return database_.total_changes() - before;
  };
  EXPECT_EQ(rows_written([](AddressRecord& record) { record.recipient.streak = 1; }), 1);
  EXPECT_EQ(rows_written([](AddressRecord& record) { record.entry(SuppressionKind::hard)->note = "asked"; }),
            2);
  EXPECT_EQ(rows_written([](AddressRecord& record) { record.entry(SuppressionKind::hard).reset(); }), 2);
  EXPECT_EQ(rows_written([](AddressRecord& record) { record.recipient.streak = 2; }), 1);
  EXPECT_EQ(shell_.ask("SELECT streak FROM recipient WHERE address = 'a@b.example'"), "2");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM suppression"), "0");
}

EventId delivery(Time at, const std::string& queue_id) {
  return {
      .ended = at,
      .kind = ListEventKind::delivery,
      .message = {.host = "mx", .instance = "postfix", .queue_id = queue_id, .entered = at - Duration{2}}};
}

TEST_F(LedgerTest, the_newest_deliveries_of_an_address_with_only_deliveries_are_kept) {
  for (int day = 0; day < 6; ++day) {
    begin();
    batch_->gather("a@b.example", delivery(kNow + day * kDay, "4A" + std::to_string(day)), "b.example");
    batch_->gather("a@b.example", delivery(kNow + day * kDay, "4A" + std::to_string(day)), "b.example");
    commit();
  }
  begin();
  batch_->gather("a@b.example", delivery(kNow - kDay, "4OLD"), "b.example");
  commit();
  EXPECT_EQ(shell_.ask("SELECT last_delivery, events FROM recipient"),
            std::to_string(to_unix(kNow + 5 * kDay)) + "|0");
  begin();
  const auto& events = must(batch_->record("a@b.example"))->events.events();
  ASSERT_EQ(events.size(), kMostDeliveriesAlone);
  EXPECT_EQ(events.front().id, delivery(kNow + 2 * kDay, "4A2"));
  EXPECT_EQ(events.back().id, delivery(kNow + 5 * kDay, "4A5"));
}

TEST_F(LedgerTest, gathered_deliveries_to_an_address_with_other_events_are_left_to_the_caller) {
  begin();
  must(batch_->save(evidence_of(failure("dead@b.example"))));
  AddressRecord* record = must(batch_->record("dead@b.example"));
  for (auto& event : events_of(failure("dead@b.example"))) record->events.take(std::move(event));
  batch_->changed(*record);
  batch_->gather("plain@b.example", delivery(kNow, "4A"), "b.example");
  batch_->gather("dead@b.example", delivery(kNow, "4B"), "b.example");
  KnownGoodTally tally;
  RateTally rates;
  DomainTally domains;
  const auto others = must(batch_->write_gathered({.known_good = tally, .rates = rates, .domains = domains}));
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others[0].first, "dead@b.example");
  commit();
  EXPECT_EQ(shell_.ask("SELECT address, events FROM recipient ORDER BY address"),
            "dead@b.example|1\nplain@b.example|0");
  begin();
  EXPECT_EQ(must(batch_->record("dead@b.example"))->events.events().size(), 1u);
}

TEST_F(LedgerTest, gathered_deliveries_are_dropped_with_the_batch) {
  begin();
  batch_->gather("a@b.example", delivery(kNow, "4A"), "b.example");
  batch_.reset();
  begin();
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient"), "0");
}

TEST_F(LedgerTest, a_report_no_longer_counts_if_the_log_tells_the_end_of_its_send) {
  auto report = failure("a@b.example", kNow + Duration{60}, "4A");
  report.origin = Origin::report;
  report.ended_by = EndedBy::report;
  report.returned = true;
  report.message = {.host = {}, .instance = {}, .queue_id = "4A", .entered = kNow};
  const auto events = [&] {
    begin();
    const auto count = must(batch_->record("a@b.example"))->events.events().size();
    batch_.reset();
    return count;
  };
  begin();
  must(batch_->save(evidence_of(report)));
  EXPECT_FALSE(must(batch_->is_end_logged("a@b.example", report.message)));
  must(batch_->record("a@b.example"));
  commit();
  shell_.run("INSERT INTO recipient(address, events) VALUES ('a@b.example', 2)");
  EXPECT_EQ(events(), 2u) << "a failure, and that the delivery was none";
  begin();
  must(batch_->save(evidence_of(failure("a@b.example", kNow, "4A"))));
  EXPECT_TRUE(must(batch_->is_end_logged("a@b.example", report.message)));
  commit();
  EXPECT_EQ(events(), 1u) << "the log's";
}

TEST_F(LedgerTest, an_address_with_a_checkpoint_continues_from_it) {
  begin();
  AddressRecord* record = must(batch_->record("a@b.example"));
  const SettingsHistory settings;
  for (int i = 0; i < 70; ++i) {
    auto soft = failure("a@b.example", kNow + i * kDay, "4A" + std::to_string(i));
    soft.reason.judgement = {
        .category = Category::mailbox_full, .action = Action::soft, .weak = false, .rule = "full"};
    must(batch_->save(evidence_of(soft)));
    for (auto& event : events_of(soft)) record->events.take(std::move(event));
  }
  record->events.fold_beyond({.settings = settings});
  const auto checkpoint = record->events.checkpoint();
  const auto state = record->events.fold({.settings = settings});
  ASSERT_TRUE(checkpoint);
  batch_->changed(*record);
  commit();
  begin();
  record = must(batch_->record("a@b.example"));
  EXPECT_EQ(record->events.checkpoint(), checkpoint);
  EXPECT_EQ(record->events.events().size(), kMostKept);
  EXPECT_EQ(record->events.fold({.settings = settings}), state);
}

}  // namespace
}  // namespace suppressd::test
