// A database that is replaced while this process has several connections to it.
#include "suppressd/store/database_gate.h"

#include <filesystem>
#include <thread>

#include "suppressd/store/absence_filter.h"
#include "suppressd/store/verdict_reader.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

namespace fs = std::filesystem;
using Answer = LookupResult::Answer;
using Kind = SuppressionKind;

class DatabaseGateTest : public StoreTest {
 protected:
  DatabaseGateTest()
      : database_(must(Database::open(gate_, Database::Mode::create))),
        reader_(gate_),
        filter_(reader_, gate_) {
    put(database_, {entry("old@b.example", Kind::hard)});
    EXPECT_EQ(answer("old@b.example"), Answer::suppressed);
    Database copy = must(Database::open(copy_, Database::Mode::create));
    put(copy, {entry("new@b.example", Kind::hard)});
    Shell(copy_).run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  Answer answer(const std::string& address) { return filter_.find({address, {}}, {}, kNow).answer; }
  void replace() {
    fs::rename(copy_, path_);
    std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  }
  void remove_log() {
    for (const char* end : {"-wal", "-shm"}) fs::remove(path_ + end);
    std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  }
  /// The look-ups recover by themselves.
  void expect_new_list() {
    for (int i = 0; i < 1000 && answer("new@b.example") != Answer::suppressed; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    EXPECT_EQ(answer("new@b.example"), Answer::suppressed);
    EXPECT_EQ(answer("old@b.example"), Answer::clear);
  }
  void expect_the_writer_writes() {
    put(database_, {entry("later@b.example", Kind::hard)});
    EXPECT_EQ(answer("later@b.example"), Answer::suppressed);
    EXPECT_EQ(Shell(path_).ask("PRAGMA integrity_check"), "ok");
  }
  /// As the learning thread does.
  void writer_goes_on() {
    database_.leave();
    Status opened = database_.open_again();
    for (int i = 0; i < 1000 && !opened; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
      opened = database_.open_again();
    }
    must(opened);
  }

  std::shared_ptr<DatabaseGate> gate_ = std::make_shared<DatabaseGate>(path_);
  std::string copy_ = folder_ + "/copy.db";
  Database database_;
  VerdictReader reader_;
  AbsenceFilter filter_;
};

TEST_F(DatabaseGateTest, a_new_file_is_not_opened_while_the_old_one_is_open_and_never_with_the_old_list) {
  replace();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(answer("old@b.example"), Answer::error);
    EXPECT_EQ(answer("new@b.example"), Answer::error);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  EXPECT_FALSE(Database::open(gate_, Database::Mode::read_only));
  EXPECT_TRUE(database_.moved());
  writer_goes_on();
  expect_new_list();
  expect_the_writer_writes();
}

TEST_F(DatabaseGateTest, a_new_file_with_its_log_taken_away_does_not_lock_us_out) {
  replace();
  EXPECT_EQ(answer("new@b.example"), Answer::error);
  remove_log();
  writer_goes_on();
  expect_new_list();
  expect_the_writer_writes();
}

TEST_F(DatabaseGateTest, a_log_taken_away_before_the_file_comes_does_not_lock_us_out) {
  remove_log();
  EXPECT_TRUE(database_.moved());
  EXPECT_EQ(answer("old@b.example"), Answer::error);
  replace();
  writer_goes_on();
  expect_new_list();
  expect_the_writer_writes();
}

TEST_F(DatabaseGateTest, the_content_of_a_removed_log_is_not_lost) {
  remove_log();
  writer_goes_on();
  EXPECT_EQ(answer("old@b.example"), Answer::suppressed);
  expect_the_writer_writes();
}

TEST_F(DatabaseGateTest, the_content_of_the_old_log_goes_into_the_old_file) {
  fs::rename(path_, folder_ + "/aside.db");
  replace();
  writer_goes_on();
  expect_new_list();
  EXPECT_EQ(Shell(folder_ + "/aside.db").ask("SELECT address FROM suppression"), "old@b.example");
}

TEST_F(DatabaseGateTest, an_old_log_that_another_process_has_open_is_not_used_for_the_new_file) {
  Shell other(path_);
  ASSERT_EQ(other.run("BEGIN; SELECT * FROM suppression"), "");  // so that the log cannot be emptied
  put(database_, {entry("more@b.example", Kind::hard)});
  replace();
  database_.leave();
  Status opened = database_.open_again();
  for (int i = 0; i < 200 && !opened && has(opened.error().message, "closed everywhere"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    opened = database_.open_again();
  }
  ASSERT_FALSE(opened);
  EXPECT_TRUE(has(opened.error().message, "remove " + path_ + "-wal")) << opened.error().message;
  EXPECT_EQ(answer("old@b.example"), Answer::error);
  remove_log();
  writer_goes_on();
  expect_new_list();
  expect_the_writer_writes();
}

TEST_F(DatabaseGateTest, a_restored_file_is_used_again) {
  fs::rename(path_, path_ + ".away");
  std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  EXPECT_EQ(answer("old@b.example"), Answer::error);
  database_.leave();
  fs::rename(path_ + ".away", path_);
  writer_goes_on();
  EXPECT_EQ(answer("old@b.example"), Answer::suppressed);
  expect_the_writer_writes();
}

TEST_F(DatabaseGateTest, a_closed_connection_is_an_error_and_no_crash) {
  Ledger ledger = must(Ledger::open(gate_, Ledger::Mode::write, Ledger::Durability::learning));
  ledger.leave();
  fs::remove(path_);
  EXPECT_FALSE(ledger.begin());
  EXPECT_FALSE(ledger.newest_followed_cursor());
}

}  // namespace
}  // namespace suppressd::test
