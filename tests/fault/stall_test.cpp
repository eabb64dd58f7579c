// A database that is locked, slow, damaged, deleted or replaced while the daemon's two halves use it:
// look-ups still answer at once, correctly or with an error, and learning continues by itself when it can.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <thread>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include "suppressd/store/admin.h"
#include "suppressd/store/ledger.h"
#include "suppressd/store/verdict_reader.h"

#include "acts.h"
#include "failing_disk.h"
#include "folder.h"
#include "learning_loop.h"

namespace suppressd::fault {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Answer = LookupResult::Answer;
using Steady = std::chrono::steady_clock;

const Time kNow = from_unix(1'790'500'000);

/// A connection as the sqlite3 shell has it.
class Shell {
 public:
  explicit Shell(const std::string& path) { sqlite3_open(path.c_str(), &handle_); }
  ~Shell() { sqlite3_close(handle_); }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;
  void run(const std::string& sql) const {
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle_);
  }

 private:
  sqlite3* handle_ = nullptr;
};

class Stall : public testing::Test {
 protected:
  Stall() {
    spdlog::set_level(std::getenv("SUPPRESSD_FAULT_TALK") != nullptr ? spdlog::level::info
                                                                     : spdlog::level::off);
    config_.learn.local_relays_default = false;
    config_.learn.timezone = "UTC";
    config_.source_start = StartAt::beginning;
    config_.source_files = {log_};
    config_.source_journal = "no";
    std::ofstream(log_).close();
    start();
    bounce("first@b.example");
    EXPECT_TRUE(comes_to("first@b.example", Answer::suppressed));
    taken_.clear();
  }
  ~Stall() override { stop(); }

  void start() {
    auto ledger = Ledger::open(path_, Ledger::Mode::create, Ledger::Durability::learning, 20ms);
    if (!ledger) throw std::runtime_error(ledger.error().message);
    const Judges judges{.rules = std::shared_ptr<const Ruleset>(&rules(), [](const Ruleset*) {}),
                        .trace_keys = {}};
    loop_ = std::make_unique<LearningLoop>(config_, judges, std::move(*ledger), nullptr);
    reader_ = std::make_unique<VerdictReader>(path_, 20ms);
    learning_ = std::thread([this] { loop_->run(); });
  }
  void stop() {
    if (!loop_) return;
    loop_->stop();
    learning_.join();
    loop_.reset();
  }

  /// The MTA logs that a mailbox is dead.
  void bounce(const std::string& address) {
    const std::string id = "4XA" + std::to_string(1000 + ++messages_);
    const std::string head = "Sep 10 10:00:0" + std::to_string(messages_ % 10) + " mta postfix/";
    std::ofstream(log_, std::ios::app)
        << head << "smtpd[1]: " << id << ": client=app[192.0.2.1]\n"
        << head << "qmgr[1]: " << id << ": from=<news@x.example>, size=1, nrcpt=1 (queue active)\n"
        << head << "smtp[1]: " << id << ": to=<" << address
        << ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host "
           "mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))\n"
        << head << "qmgr[1]: " << id << ": removed\n"
        << std::flush;
  }

  /// One look-up.
  Answer ask(const std::string& address) {
    const auto begun = Steady::now();
    const LookupResult result = reader_->find(CoveringKeys{address, {}}, {}, kNow);
    taken_.push_back(Steady::now() - begun);
    return result.answer;
  }
  /// 19 of 20 look-ups took no longer: a loaded machine may delay a few, a lock delays all.
  Steady::duration usual_time() {
    std::sort(taken_.begin(), taken_.end());
    return taken_[taken_.size() * 19 / 20];
  }
  bool comes_to(const std::string& address, Answer wanted, std::chrono::seconds patience = 20s) {
    for (const auto end = Steady::now() + patience; Steady::now() < end; std::this_thread::sleep_for(5ms)) {
      if (ask(address) == wanted) return true;
    }
    return false;
  }
  /// For this time, every answer about the address is this one.
  bool stays(const std::string& address, Answer wanted, std::chrono::milliseconds length) {
    for (const auto end = Steady::now() + length; Steady::now() < end; std::this_thread::sleep_for(5ms)) {
      if (ask(address) != wanted) return false;
    }
    return true;
  }
  void remove_database() const {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path_ + suffix);
  }
  std::string backed_up() const {
    auto admin = Admin::open(path_);
    std::string copy = folder_.path() + "/copy.db";
    if (!admin || !admin->back_up(copy)) ADD_FAILURE() << "no backup";
    return copy;
  }

  Folder folder_;
  std::string path_ = database_in(folder_.path());
  std::string log_ = folder_.path() + "/mail.log";
  Config config_;
  std::unique_ptr<VerdictReader> reader_;
  std::unique_ptr<LearningLoop> loop_;
  std::thread learning_;
  int messages_ = 0;
  std::vector<Steady::duration> taken_;
};

TEST_F(Stall, a_shell_with_a_write_transaction_stops_only_learning_and_only_while_it_is_open) {
  {
    const Shell shell(path_);
    shell.run("BEGIN IMMEDIATE; DELETE FROM suppression");
    bounce("second@b.example");
    EXPECT_TRUE(stays("first@b.example", Answer::suppressed, 1500ms));
    EXPECT_EQ(ask("second@b.example"), Answer::clear);
    shell.run("ROLLBACK");
  }
  EXPECT_TRUE(comes_to("second@b.example", Answer::suppressed));
  EXPECT_LT(usual_time(), 50ms);
}

TEST_F(Stall, a_shell_that_holds_a_read_transaction_stops_nothing) {
  const Shell shell(path_);
  shell.run("BEGIN; SELECT count(*) FROM suppression");
  for (int i = 0; i < 20; ++i) bounce("other" + std::to_string(i) + "@b.example");
  EXPECT_TRUE(comes_to("other19@b.example", Answer::suppressed));
  EXPECT_TRUE(stays("first@b.example", Answer::suppressed, 100ms));
  EXPECT_LT(usual_time(), 50ms);
  shell.run("COMMIT");
}

TEST_F(Stall, a_shell_that_takes_the_whole_database_gives_errors_and_no_wrong_answers) {
  {
    const Shell shell(path_);
    bounce("second@b.example");
    EXPECT_TRUE(comes_to("second@b.example", Answer::suppressed));
    // An open reader would keep the shell from locking it; the daemon neither opens nor closes one, so the
    // shell succeeds.
    stop();
    reader_.reset();
    shell.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    reader_ = std::make_unique<VerdictReader>(path_, 20ms);
    EXPECT_TRUE(stays("first@b.example", Answer::error, 300ms));
    EXPECT_TRUE(stays("clear@b.example", Answer::error, 300ms));
    shell.run("COMMIT");
  }
  EXPECT_EQ(ask("first@b.example"), Answer::suppressed);
  EXPECT_LT(usual_time(), 50ms);
}

TEST_F(Stall, a_slow_disk_makes_no_look_up_slow) {
  slow_down_writes(100ms);
  for (int i = 0; i < 5; ++i) bounce("other" + std::to_string(i) + "@b.example");
  EXPECT_TRUE(comes_to("other4@b.example", Answer::suppressed, 60s));
  slow_down_writes(0ms);
  EXPECT_LT(usual_time(), 50ms);
}

TEST_F(Stall, a_damaged_database_gives_errors_and_no_wrong_answers_and_heals_with_the_file) {
  Shell(path_).run("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string sound = folder_.path() + "/sound";
  fs::copy_file(path_, sound);
  const auto overwrite = [&](const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  overwrite(std::string(fs::file_size(path_) - 4096, '\xff'));
  reader_ = std::make_unique<VerdictReader>(path_, 20ms);
  EXPECT_TRUE(stays("first@b.example", Answer::error, 100ms));
  EXPECT_TRUE(stays("clear@b.example", Answer::error, 100ms));
  bounce("second@b.example");
  EXPECT_TRUE(stays("second@b.example", Answer::error, 1000ms));
  std::ifstream in(sound, std::ios::binary);
  in.seekg(4096);
  overwrite({std::istreambuf_iterator<char>(in), {}});
  EXPECT_TRUE(comes_to("second@b.example", Answer::suppressed));
  EXPECT_EQ(ask("first@b.example"), Answer::suppressed);
}

TEST_F(Stall, a_deleted_database_is_not_made_again_and_a_backup_is_used) {
  const std::string copy = backed_up();
  remove_database();
  bounce("second@b.example");
  EXPECT_TRUE(comes_to("first@b.example", Answer::error));
  EXPECT_TRUE(stays("clear@b.example", Answer::error, 1500ms));
  EXPECT_FALSE(fs::exists(path_));
  fs::rename(copy, path_);
  EXPECT_TRUE(comes_to("first@b.example", Answer::suppressed));
  EXPECT_TRUE(comes_to("second@b.example", Answer::suppressed))
      << "what was logged after the backup was made";
}

TEST_F(Stall, a_replaced_database_is_used_and_learns_what_was_logged_since) {
  const std::string copy = backed_up();
  bounce("second@b.example");
  EXPECT_TRUE(comes_to("second@b.example", Answer::suppressed));
  Shell(copy).run("INSERT INTO suppression(address) VALUES ('third@b.example')");
  remove_database();
  fs::rename(copy, path_);
  EXPECT_TRUE(comes_to("third@b.example", Answer::suppressed));
  bounce("fourth@b.example");
  EXPECT_TRUE(comes_to("fourth@b.example", Answer::suppressed));
  EXPECT_EQ(ask("second@b.example"), Answer::suppressed);
}

TEST_F(Stall, a_database_replaced_beside_the_old_log_is_used_without_that_log) {
  const std::string copy = backed_up();
  Shell(copy).run("INSERT INTO suppression(address) VALUES ('third@b.example')");
  Shell(path_).run("INSERT INTO suppression(address) VALUES ('old@b.example')");
  EXPECT_TRUE(comes_to("old@b.example", Answer::suppressed));
  fs::rename(copy, path_);
  bounce("second@b.example");
  EXPECT_TRUE(comes_to("third@b.example", Answer::suppressed));
  EXPECT_TRUE(comes_to("second@b.example", Answer::suppressed));
  EXPECT_EQ(ask("old@b.example"), Answer::clear);
}

TEST_F(Stall, a_database_replaced_beside_a_log_in_use_gives_errors_and_is_not_written_to) {
  const std::string copy = backed_up();
  Shell(copy).run("INSERT INTO suppression(address) VALUES ('third@b.example')");
  const auto size = fs::file_size(copy);
  const Shell shell(path_);
  shell.run("BEGIN; SELECT count(*) FROM suppression");
  bounce("old@b.example");
  EXPECT_TRUE(comes_to("old@b.example", Answer::suppressed));
  fs::rename(copy, path_);
  bounce("second@b.example");
  EXPECT_TRUE(comes_to("first@b.example", Answer::error));
  EXPECT_TRUE(stays("third@b.example", Answer::error, 1500ms));
  stop();
  EXPECT_EQ(fs::file_size(path_), size);
}

TEST_F(Stall, a_lock_does_not_delay_the_stop) {
  const Shell shell(path_);
  shell.run("BEGIN IMMEDIATE");
  bounce("second@b.example");
  std::this_thread::sleep_for(200ms);
  const auto begun = Steady::now();
  stop();
  EXPECT_LT(Steady::now() - begun, 2s);
  shell.run("ROLLBACK");
  start();
  EXPECT_TRUE(comes_to("second@b.example", Answer::suppressed));
}

}  // namespace
}  // namespace suppressd::fault
