#include "suppressd/store/ledger.h"

#include <set>

#include <gtest/gtest.h>

#include "suppressd/core/newest_deliveries.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

class LedgerTest : public StoreTest {
 protected:
  LedgerTest() : database_(open()), ledger_(database_), shell_(path_) {}

  bool begin(Ledger& ledger) {
    bool foreign = false;
    must(ledger.begin(foreign));
    return foreign;
  }
  bool begin() { return begin(ledger_); }
  void commit() { must(ledger_.commit()); }

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
    FailureReason reason;
    reason.category = "mailbox-full";
    reason.action = "soft";
    reason.weak = true;
    reason.rule = "over-quota";
    reason.code = 452;
    reason.status = "4.2.2";
    reason.stage = "rcpt";
    reason.provider = "example.com";
    reason.relay = "mx.example.com";
    reason.text = "452 4.2.2 over quota";
    row.reason = std::make_shared<const FailureReason>(reason);
    return row;
  }

  Database database_;
  Ledger ledger_;
  Shell shell_;
};

TEST_F(LedgerTest, a_record_comes_back_as_it_was_written) {
  Recipient recipient{.last_delivery = kNow,
                      .last_manual = kNow + Duration{1},
                      .streak = 2,
                      .streak_since = kNow + Duration{2},
                      .last_failure = kNow + Duration{3},
                      .last_failure_entered = kNow + Duration{4},
                      .last_category = "mailbox-full",
                      .soft_step = 5,
                      .hard_step = 6};
  begin();
  AddressRecord* record = must(ledger_.record("a@b.example"));
  EXPECT_TRUE(record->recipient.empty());
  record->recipient = recipient;
  record->entry(SuppressionKind::soft) = entry("a@b.example", SuppressionKind::soft);
  ledger_.changed(*record);
  commit();

  Ledger other(database_);
  begin(other);
  record = must(other.record("a@b.example"));
  EXPECT_EQ(record->recipient, recipient);
  ASSERT_TRUE(record->entry(SuppressionKind::soft));
  EXPECT_EQ(record->entry(SuppressionKind::soft)->ref, "ABC123");
  EXPECT_FALSE(record->entry(SuppressionKind::hard));
}

TEST_F(LedgerTest, a_record_is_as_it_was_marked_within_a_transaction) {
  begin();
  for (int i = 0; i < 1000; ++i) {
    AddressRecord* record = must(ledger_.record("user" + std::to_string(i) + "@b.example"));
    record->recipient.streak = i + 1;
    ledger_.changed(*record);
    record->recipient.streak = 0;
  }
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(must(ledger_.record("user" + std::to_string(i) + "@b.example"))->recipient.streak, i + 1);
}

TEST_F(LedgerTest, more_records_than_are_kept_are_written_all_the_same) {
  constexpr int kMany = 90000;
  const auto address_of = [](int number) { return "user" + std::to_string(number) + "@b.example"; };
  begin();
  for (int i = 0; i < kMany; ++i) {
    AddressRecord* record = must(ledger_.record(address_of(i)));
    record->recipient.streak = i + 1;
    if (i % 3 == 0) record->entry(SuppressionKind::soft) = entry(address_of(i), SuppressionKind::soft);
    ledger_.changed(*record);
  }
  for (int i = 0; i < kMany; i += 100) {
    AddressRecord* record = must(ledger_.record(address_of(i)));
    ASSERT_EQ(record->recipient.streak, i + 1);
    ASSERT_EQ(record->entry(SuppressionKind::soft).has_value(), i % 3 == 0);
    record->recipient.streak = 1;
    ledger_.changed(*record);
  }
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*), sum(streak = 1) FROM recipient"), "90000|900");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM suppression"), "30000");
}

TEST_F(LedgerTest, records_that_are_not_marked_are_not_written) {
  begin();
  must(ledger_.record("a@b.example"))->recipient.streak = 1;
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient"), "0");
}

TEST_F(LedgerTest, what_was_not_marked_does_not_live_on) {
  begin();
  must(ledger_.record("a@b.example"))->recipient.streak = 1;
  commit();
  begin();
  EXPECT_EQ(must(ledger_.record("a@b.example"))->recipient.streak, 0);
}

TEST_F(LedgerTest, a_kept_record_does_not_hide_what_somebody_else_has_written) {
  const auto streak_of = [&](const std::string& change, auto&& make) {
    begin();
    AddressRecord* record = must(ledger_.record("a@b.example"));
    record->recipient.streak = 1;
    ledger_.changed(*record);
    commit();
    make(change);
    begin();
    const int streak = must(ledger_.record("a@b.example"))->recipient.streak;
    ledger_.rollback();
    return streak;
  };
  EXPECT_EQ(streak_of("", [](const std::string&) {}), 1);
  EXPECT_EQ(streak_of("UPDATE recipient SET streak = 7", [&](const std::string& sql) { shell_.run(sql); }),
            7);
  EXPECT_EQ(streak_of("DELETE FROM recipient", [&](const std::string& sql) { database_.execute(sql); }), 0);
}

TEST_F(LedgerTest, a_kept_record_is_written_again_as_it_then_is) {
  for (int streak : {1, 2, 0, 3}) {
    begin();
    AddressRecord* record = must(ledger_.record("a@b.example"));
    record->recipient.streak = streak;
    if (streak == 2)
      record->entry(SuppressionKind::soft) = entry("a@b.example", SuppressionKind::soft);
    else
      record->entry(SuppressionKind::soft).reset();
    ledger_.changed(*record);
    commit();
    EXPECT_EQ(shell_.ask("SELECT coalesce(max(streak), 0) FROM recipient"), std::to_string(streak));
    EXPECT_EQ(shell_.ask("SELECT count(*) FROM suppression"), streak == 2 ? "1" : "0");
  }
}

TEST_F(LedgerTest, company_is_another_connection_and_not_oneself) {
  for (int i = 0; i < 2; ++i) {
    begin();
    must(ledger_.add_gap({.from = kNow, .to = kNow, .source = "log", .reason = "lost"}));
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
  EXPECT_FALSE(must(ledger_.record("a@b.example"))->exempt);
  commit();
  shell_.run("INSERT INTO exemption(address) VALUES ('@b.example')");
  begin();
  EXPECT_TRUE(must(ledger_.record("a@b.example"))->exempt);
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
  AddressRecord* record = must(ledger_.record("a@b.example"));
  record->entry(SuppressionKind::hard).reset();
  ledger_.changed(*record);
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM suppression"), "0");
}

TEST_F(LedgerTest, exemption_by_address_or_domain_is_known) {
  shell_.run("INSERT INTO exemption(address) VALUES ('a@b.example'), ('@c.example')");
  begin();
  EXPECT_TRUE(must(ledger_.record("a@b.example"))->exempt);
  EXPECT_TRUE(must(ledger_.record("x@c.example"))->exempt);
  EXPECT_TRUE(must(ledger_.record("@c.example"))->exempt);
  EXPECT_FALSE(must(ledger_.record("x@b.example"))->exempt);
}

TEST_F(LedgerTest, an_entry_lifted_before_it_began_is_written_all_the_same) {
  auto row = entry("a@b.example", SuppressionKind::soft, kNow + kDay);
  row.until = kNow;
  put(database_, {row});
  EXPECT_EQ(shell_.ask("SELECT since = until FROM suppression"), "1");
}

TEST_F(LedgerTest, rollback_leaves_nothing) {
  begin();
  AddressRecord* record = must(ledger_.record("a@b.example"));
  record->recipient.streak = 1;
  ledger_.changed(*record);
  must(ledger_.add_evidence(failure("a@b.example")));
  ledger_.rollback();
  begin();
  commit();
  EXPECT_EQ(shell_.ask("SELECT (SELECT count(*) FROM recipient), (SELECT count(*) FROM evidence)"), "0|0");
}

TEST_F(LedgerTest, the_same_evidence_is_stored_once) {
  begin();
  const auto first = must(ledger_.add_evidence(failure("a@b.example")));
  EXPECT_EQ(must(ledger_.add_evidence(failure("a@b.example"))), first);
  EXPECT_NE(must(ledger_.add_evidence(failure("a@b.example", kNow + Duration{1}))), first);
  EXPECT_NE(must(ledger_.add_evidence(failure("c@b.example"))), first);
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM evidence"), "3");
}

TEST_F(LedgerTest, evidence_about_another_message_is_not_taken_for_this_ones) {
  auto from_log = failure("a@b.example", kNow, "A1");
  auto by_trace = from_log;
  by_trace.at = kNow + Duration{60};
  by_trace.origin = "report";
  by_trace.host = by_trace.instance = "";
  begin();
  must(ledger_.add_evidence(from_log));
  must(ledger_.add_evidence(by_trace));
  commit();

  const auto origins = [this](const MessageKey& message, std::string_view address = "a@b.example",
                              std::string_view what = "failed") {
    std::string text;
    for (const auto& one : must(ledger_.evidence_about(message, address, what))) text += one.origin + " ";
    return text;
  };
  const MessageKey message{"mx", "postfix", "A1", kNow};
  EXPECT_EQ(origins(message), "log report ");
  EXPECT_EQ(origins({"", "", "A1", kNow - std::chrono::minutes(10)}), "log report ") << "as a trace tells it";
  EXPECT_EQ(origins({"mx2", "postfix", "A1", kNow}), "report ") << "of which the host is not known";
  EXPECT_EQ(origins({"mx", "postfix-out", "A1", kNow}), "report ");
  EXPECT_EQ(origins({"mx", "postfix", "A2", kNow}), "");
  EXPECT_EQ(origins({"mx", "postfix", "A1", kNow + std::chrono::hours(5)}), "");
  EXPECT_EQ(origins({"mx", "postfix", "A1", kNow - std::chrono::hours(5)}), "");
  EXPECT_EQ(origins(message, "c@b.example"), "");
  EXPECT_EQ(origins(message, "a@b.example", "complaint"), "");
}

TEST_F(LedgerTest, text_with_any_byte_is_stored_whole) {
  auto evidence = failure("a@b.example");
  evidence.text = std::string("a\0b'\"\xff", 6);
  begin();
  must(ledger_.add_evidence(evidence));
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
  cursor = must(ledger_.save_cursor(cursor));
  Cursor rotated = cursor;
  rotated.id = 0;
  rotated.first_line = "bar";
  const auto second = must(ledger_.save_cursor(rotated)).id;
  EXPECT_NE(second, cursor.id);
  commit();

  EXPECT_EQ(must(ledger_.newest_cursor("/var/log/mail.log"))->id, second);
  begin();
  cursor.offset += 5;
  EXPECT_EQ(must(ledger_.save_cursor(cursor)).id, cursor.id);
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

TEST_F(LedgerTest, messages_and_sends_come_back_as_they_were_written) {
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
  must(ledger_.save(TrackerChanges{.removed = {},
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
  EXPECT_EQ(got.reason->category, first.reason->category);
  EXPECT_EQ(got.reason->action, first.reason->action);
  EXPECT_EQ(got.reason->weak, first.reason->weak);
  EXPECT_EQ(got.reason->rule, first.reason->rule);
  EXPECT_EQ(got.reason->code, first.reason->code);
  EXPECT_EQ(got.reason->status, first.reason->status);
  EXPECT_EQ(got.reason->stage, first.reason->stage);
  EXPECT_EQ(got.reason->provider, first.reason->provider);
  EXPECT_EQ(got.reason->relay, first.reason->relay);
  EXPECT_EQ(got.reason->text, first.reason->text);
}

TEST_F(LedgerTest, a_removed_message_takes_its_sends_along_and_nothing_else) {
  const Message one = message("4A");
  const Message again = message("4A", kNow + kDay);
  const Send row = send("a@b.example");
  const Send other = send("c@d.example");
  begin();
  must(ledger_.save(TrackerChanges{.removed = {},
                                   .messages = {one, again},
                                   .sends = {{one.key, row}, {again.key, row}, {again.key, other}},
                                   .removed_sends = {}}));
  commit();
  begin();
  must(ledger_.save(TrackerChanges{
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
  must(ledger_.save(Brake::Changes{.written = {one, two}, .removed = {}}));
  must(ledger_.save(Brake::Changes{.written = {{"example.com", kNow, 11, 3}}, .removed = {two}}));
  commit();
  const auto buckets = must(ledger_.traffic());
  ASSERT_EQ(buckets.size(), 1u);
  EXPECT_EQ(buckets[0].provider, "example.com");
  EXPECT_EQ(buckets[0].start, kNow);
  EXPECT_EQ(buckets[0].attempts, 11);
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
  must(ledger_.add_refusals({refusal, refusal}, 3));
  must(ledger_.add_refusals({refusal}, 4));
  must(ledger_.add_refusals({}, 0));
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*), min(queue_id), min(client) FROM refusal"), "3|4A|192.0.2.1");
  EXPECT_EQ(shell_.ask("SELECT day, outcome, count FROM refusal_day"), "2026-11-01|dropped|7");
}

TEST_F(LedgerTest, gaps_and_changes_are_recorded) {
  begin();
  must(ledger_.add_gap(
      {.from = kNow - kDay, .to = kNow, .source = "journal", .reason = "42 messages were dropped"}));
  const auto batch = must(ledger_.new_batch("import", "root"));
  EXPECT_GT(must(ledger_.new_batch()), batch);
  must(ledger_.add_change({.at = kNow,
                           .address = "a@b.example",
                           .act = "added",
                           .kind = "manual",
                           .actor = "root",
                           .batch = batch}));
  commit();
  EXPECT_EQ(shell_.ask("SELECT source, reason FROM gap"), "journal|42 messages were dropped");
  EXPECT_EQ(shell_.ask("SELECT a.act, a.evidence, b.act FROM audit AS a JOIN batch AS b ON b.id = a.batch"),
            "added|NULL|import");
}

TEST_F(LedgerTest, only_foreign_learning_forces_a_reload) {
  const Message row = message("4A");
  const auto learn = [&](Ledger& ledger) {
    begin(ledger);
    must(ledger.save(TrackerChanges{.removed = {}, .messages = {row}, .sends = {}, .removed_sends = {}}));
    must(ledger.commit());
  };
  EXPECT_TRUE(begin()) << "at first";
  commit();
  learn(ledger_);
  EXPECT_FALSE(begin()) << "our own commit";
  commit();

  shell_.run("INSERT INTO suppression(address) VALUES ('a@b.example')");
  EXPECT_FALSE(begin()) << "a change by hand";
  commit();

  Database second = open();
  Ledger other(second);
  learn(other);
  EXPECT_TRUE(begin()) << "another process learned";
  commit();
  EXPECT_FALSE(begin()) << "told once";
  ledger_.rollback();
  EXPECT_TRUE(begin()) << "after a rollback";
  ledger_.rollback();
}

TEST_F(LedgerTest, a_failure_ends_the_transaction_and_says_so) {
  begin();
  AddressRecord* record = must(ledger_.record("NOT canonical"));
  record->entry(SuppressionKind::hard) = entry("NOT canonical", SuppressionKind::hard);
  ledger_.changed(*record);
  must(ledger_.add_gap({.from = kNow, .to = kNow, .source = "s", .reason = "r"}));
  const Status committed = ledger_.commit();
  ASSERT_FALSE(committed);
  EXPECT_TRUE(has(committed.error().message, "address must be canonical")) << committed.error().message;
  EXPECT_TRUE(has(ledger_.commit().error().message, "no transaction is open"));
  EXPECT_TRUE(has(ledger_.record("a@b.example").error().message, "no transaction is open"));
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
      if (const auto added = ledger_.add_evidence(failure("a@b.example", kNow + Duration{round * 100 + i}));
          !added)
        failed = added.error();
    if (failed) failed = ledger_.commit();
  }
  ASSERT_FALSE(failed);
  EXPECT_TRUE(has(failed.error().message, "no space left") && has(failed.error().message, "resumes"))
      << failed.error().message;
  EXPECT_EQ(shell_.ask("PRAGMA integrity_check"), "ok");
  database_.execute("PRAGMA max_page_count = 1000000");
  EXPECT_TRUE(begin());
  must(ledger_.add_evidence(failure("b@b.example")));
  commit();
}

TEST_F(LedgerTest, a_lock_of_another_program_is_named) {
  sqlite3_busy_timeout(database_.handle(), 10);
  shell_.run("BEGIN IMMEDIATE");
  bool foreign = false;
  const Status begun = ledger_.begin(foreign);
  ASSERT_FALSE(begun);
  EXPECT_TRUE(has(begun.error().message, "holds a lock")) << begun.error().message;
  EXPECT_TRUE(has(begun.error().message, "`lslocks | grep " + path_))
      << "util-linux has it; fuser need not be there";
  shell_.run("ROLLBACK");
  EXPECT_TRUE(begin());
}

TEST_F(LedgerTest, a_deleted_file_is_not_written_to) {
  std::filesystem::remove(path_);
  bool foreign = false;
  const Status begun = ledger_.begin(foreign);
  ASSERT_FALSE(begun);
  EXPECT_TRUE(has(begun.error().message, "deleted while it was open")) << begun.error().message;
  EXPECT_FALSE(std::filesystem::exists(path_))
      << "an empty list must not take the place of a lost one by itself";
}

TEST_F(LedgerTest, a_replaced_file_is_learned_into_from_the_next_transaction_on) {
  ASSERT_TRUE(begin());
  must(ledger_.commit());
  for (const char* suffix : {"", "-wal", "-shm"})
    std::filesystem::rename(path_ + suffix, path_ + ".old" + suffix);
  const Database other = open();
  bool foreign = false;
  const Status begun = ledger_.begin(foreign);
  ASSERT_FALSE(begun) << "what is held in memory belongs to the old file";
  EXPECT_TRUE(has(begun.error().message, "replaced")) << begun.error().message;
  ASSERT_TRUE(ledger_.begin(foreign));
  EXPECT_TRUE(foreign);
  must(ledger_.add_gap({.from = kNow, .to = kNow, .source = "log", .reason = "lost"}));
  must(ledger_.commit());
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
      bool foreign = false;
      const Status begun = ledger_.begin(foreign);
      ASSERT_FALSE(begun);
      EXPECT_TRUE(has(begun.error().message, "belongs to the old one")) << begun.error().message;
    }
    EXPECT_EQ(std::filesystem::file_size(path_), size);
  }
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  bool foreign = false;
  for (int i = 0; i < 2 && !ledger_.begin(foreign); ++i) {
  }
  must(ledger_.commit());
  EXPECT_EQ(Shell(path_).ask("SELECT address FROM suppression"), "new@b.example");
}

TEST_F(LedgerTest, acts_by_hand_are_durable_and_learning_need_not_be) {
  const auto synchronous = [&] {
    Query query(database_, "PRAGMA synchronous");
    query.step();
    return query->integer(0);
  };
  begin();
  commit();
  EXPECT_EQ(synchronous(), 1);
  Ledger by_hand(database_, Ledger::Durability::by_hand);
  begin(by_hand);
  must(by_hand.commit());
  EXPECT_EQ(synchronous(), 2);
}

TEST_F(LedgerTest, more_records_than_are_kept_are_written_before_the_commit_and_come_back) {
  constexpr int kMany = 45000;
  const auto address = [](int i) { return "user" + std::to_string(i) + "@b.example"; };
  begin();
  for (int turn = 1; turn <= 2; ++turn) {
    for (int i = 0; i < kMany; ++i) {
      AddressRecord* record = must(ledger_.record(address(i)));
      ASSERT_EQ(record->recipient.streak, turn - 1);
      record->recipient.streak = turn;
      ledger_.changed(*record);
    }
  }
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient"), "0");
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient WHERE streak = 2"), std::to_string(kMany));
}

TEST_F(LedgerTest, a_newest_delivery_replaces_an_older_one_and_nothing_else) {
  shell_.run(
      "INSERT INTO recipient(address, last_delivery, last_delivery_id) VALUES ('newer@b.example', 2000, "
      "'N'), ('older@b.example', 500, 'O'), ('same@b.example', 1000, 'S'), ('none@b.example', NULL, '')");
  NewestDeliveries deliveries;
  for (const std::string_view address :
       {"fresh@b.example", "newer@b.example", "none@b.example", "older@b.example", "same@b.example"})
    deliveries.add(address, from_unix(1000), "4A");
  begin();
  must(ledger_.add_newest(SortedDeliveries{}));
  must(ledger_.add_newest(deliveries.take_sorted()));
  commit();
  EXPECT_EQ(shell_.ask("SELECT group_concat(address || ' ' || last_delivery || ' ' || last_delivery_id) FROM "
                       "(SELECT * FROM recipient ORDER BY 1)"),
            "fresh@b.example 1000 4A,newer@b.example 2000 N,none@b.example 1000 4A,older@b.example 1000 "
            "4A,same@b.example 1000 S");
}

TEST_F(LedgerTest, thousands_of_newest_deliveries_are_stored_at_once) {
  constexpr int kMany = 5003;
  NewestDeliveries deliveries;
  for (int i = 0; i < kMany; ++i) deliveries.add("user" + std::to_string(i) + "@b.example", kNow, "4A");
  begin();
  must(ledger_.add_newest(deliveries.take_sorted()));
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient WHERE last_delivery_id = '4A'"),
            std::to_string(kMany));
}

TEST_F(LedgerTest, a_newest_delivery_that_waits_is_known_to_the_record_at_once) {
  shell_.run(
      "INSERT INTO recipient(address, last_delivery, last_delivery_id) VALUES ('newer@b.example', 2000, "
      "'N'), ('older@b.example', 500, 'O')");
  for (int turn = 0; turn < 2; ++turn) {
    NewestDeliveries deliveries;
    for (const std::string_view address :
         {"fresh@b.example", "newer@b.example", "older@b.example", "other@b.example"})
      deliveries.add(address, from_unix(1000 + turn), "4A");
    begin();
    must(ledger_.history());  // as a replay begins: no record is kept from before
    must(ledger_.add_newest(deliveries.take_sorted()));
    for (const std::string address : {"fresh@b.example", "older@b.example", "newer@b.example"}) {
      AddressRecord* record = must(ledger_.record(address));
      const bool newer = address == "newer@b.example";
      EXPECT_EQ(record->recipient.last_delivery, from_unix(newer ? 2000 : 1000 + turn)) << address;
      EXPECT_EQ(record->recipient.last_delivery_id, newer ? "N" : "4A") << address;
      if (address != "fresh@b.example") continue;
      record->recipient.streak = turn + 1;
      ledger_.changed(*record);
    }
    commit();
    const std::string at = std::to_string(1000 + turn);
    EXPECT_EQ(shell_.ask("SELECT group_concat(address || ' ' || last_delivery || ' ' || streak) FROM (SELECT "
                         "* FROM recipient ORDER BY 1)"),
              "fresh@b.example " + at + " " + std::to_string(turn + 1) +
                  ",newer@b.example 2000 0,older@b.example " + at + " 0,other@b.example " + at + " 0");
  }
}

TEST_F(LedgerTest, what_waits_is_forgotten_with_the_transaction) {
  NewestDeliveries deliveries;
  deliveries.add("a@b.example", kNow, "4A");
  begin();
  must(ledger_.add_newest(deliveries.take_sorted()));
  ledger_.rollback();
  begin();
  EXPECT_FALSE(must(ledger_.record("a@b.example"))->recipient.last_delivery);
  commit();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient"), "0");
}

TEST_F(LedgerTest, more_newest_deliveries_than_may_wait_are_written_before_the_commit) {
  constexpr int kRuns = 60;
  constexpr int kMany = 5000;
  begin();
  for (int run = 0; run < kRuns; ++run) {
    NewestDeliveries deliveries;
    for (int i = 0; i < kMany; ++i)
      deliveries.add("user" + std::to_string(i * (1 + run % 7)) + "@b.example", kNow + Duration(run),
                     "4XA" + std::to_string(run));
    must(ledger_.add_newest(deliveries.take_sorted()));
    AddressRecord* record = must(ledger_.record("asked" + std::to_string(run) + "@b.example"));
    record->recipient.streak = 1;
    ledger_.changed(*record);
  }
  commit();
  // 30000 numbers are a multiple of one to seven, each below 5000 times that.
  std::set<int> numbers;
  for (int factor = 1; factor <= 7; ++factor)
    for (int i = 0; i < kMany; ++i) numbers.insert(i * factor);
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient WHERE last_delivery IS NOT NULL"),
            std::to_string(numbers.size()));
  EXPECT_EQ(shell_.ask("SELECT last_delivery - " + std::to_string(to_unix(kNow)) +
                       ", last_delivery_id FROM recipient WHERE address IN ('user0@b.example', "
                       "'user1@b.example') ORDER BY address"),
            "59|4XA59\n56|4XA56");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient WHERE streak = 1"), std::to_string(kRuns));
}

TEST_F(LedgerTest, entries_that_have_not_changed_are_not_written_again) {
  put(database_, {entry("a@b.example", SuppressionKind::hard)});
  const auto rows_written = [&](const std::function<void(AddressRecord&)>& change) {
    begin();
    AddressRecord* record = must(ledger_.record("a@b.example"));
    change(*record);
    ledger_.changed(*record);
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

TEST_F(LedgerTest, history_is_everything_but_deliveries) {
  shell_.run("INSERT INTO recipient(address, last_delivery) VALUES ('plain@b.example', 1000)");
  shell_.run("INSERT INTO recipient(address, last_failure) VALUES ('failed@b.example', 1000)");
  shell_.run("INSERT INTO recipient(address, last_manual) VALUES ('manual@b.example', 1000)");
  shell_.run("INSERT INTO recipient(address, streak) VALUES ('streak@b.example', 1)");
  shell_.run("INSERT INTO recipient(address, streak_since) VALUES ('since@b.example', 1)");
  shell_.run("INSERT INTO recipient(address, soft_step) VALUES ('soft@b.example', 1)");
  shell_.run("INSERT INTO recipient(address, hard_step) VALUES ('hard@b.example', 1)");
  shell_.run("INSERT INTO suppression(address, until) VALUES ('listed@b.example', unixepoch())");
  shell_.run("INSERT INTO exemption(address) VALUES ('exempt@b.example'), ('@exempt.example')");
  const auto history = must(ledger_.history());
  for (const auto* address :
       {"failed@b.example", "manual@b.example", "streak@b.example", "since@b.example", "soft@b.example",
        "hard@b.example", "listed@b.example", "exempt@b.example", "any@exempt.example"})
    EXPECT_TRUE(history.may_contain(address)) << address;
  EXPECT_FALSE(history.may_contain("plain@b.example"));
  EXPECT_FALSE(history.may_contain("unknown@b.example"));
}

TEST_F(LedgerTest, size_is_that_of_the_database) {
  EXPECT_EQ(must(ledger_.size()) % 4096, 0u);
  EXPECT_GT(must(ledger_.size()), 40000u);
}

}  // namespace
}  // namespace suppressd::test
