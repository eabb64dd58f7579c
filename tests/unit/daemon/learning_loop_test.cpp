// The learning thread on real files: waiting lines are neither lost nor learned twice, whatever happens to
// their log.
#include "learning_loop.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "suppressd/config/rules_file.h"
#include "suppressd/learn/ledger_cursors.h"
#include "suppressd/store/ledger.h"

#include "database.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

class LearningLoopTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("suppressd-loop-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    log_ = folder_ / "mail.log";
    config_.database_path = folder_ / "suppressd.db";
    config_.source_files = {log_.string()};
    config_.source_start = StartAt::beginning;
    config_.learn.timezone = "UTC";
    write("smtpd[1]: begun");
    start();
    wait_for("SELECT count(last_time) FROM cursor", "1");
  }
  void TearDown() override {
    stop();
    fs::remove_all(folder_);
  }

  void start(const LogPlaces& places = {}) {
    auto loaded = load_rules({}, config_.learn.actions);
    ASSERT_TRUE(loaded) << loaded.error().message;
    auto ledger = Ledger::open(config_.database_path, Ledger::Mode::create, Ledger::Durability::learning);
    ASSERT_TRUE(ledger) << ledger.error().message;
    const Judges judges{.rules = std::make_shared<const Ruleset>(std::move(*loaded)),
                        .trace_keys = std::make_shared<const TraceKeys>()};
    loop_ = std::make_unique<LearningLoop>(config_, judges, std::move(*ledger), nullptr, places);
    thread_ = std::thread([this] { loop_->run(); });
  }
  void stop() {
    if (!loop_) return;
    loop_->stop();
    thread_.join();
    loop_.reset();
  }

  void write(const std::string& text) {
    std::ofstream(log_, std::ios::app) << "Sep 21 10:00:00 mta postfix/" << text << '\n';
    ++lines_;
  }
  std::string query(const std::string& sql) {
    auto database = Database::open(config_.database_path, Database::Mode::read_only);
    if (!database) return database.error().message;
    auto& statement = database->prepare(sql);
    return statement.step() ? std::string(statement.text(0)) : "";
  }
  void wait_for(const std::string& sql, const std::string& expected) {
    std::string got;
    for (int i = 0; i < 2000 && (got = query(sql)) != expected; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    EXPECT_EQ(got, expected) << sql;
  }

  // As suppressctl does in another process.
  void replay() {
    auto rules = load_rules({}, config_.learn.actions);
    auto ledger = Ledger::open(config_.database_path, Ledger::Mode::write, Ledger::Durability::learning);
    ASSERT_TRUE(rules && ledger);
    LedgerCursors cursors(*ledger);
    Learner learner(config_.learn, *rules, *ledger, nullptr);
    const auto replayed =
        learner.replay(log_, cursors, {.go_on = [] { return true; }, .committed = [](const auto&) {}});
    ASSERT_TRUE(replayed) << replayed.error().message;
  }

  // A deferral that is learned from, and a line that is not; neither is urgent.
  void write_what_waits() {
    write("qmgr[1]: 4XA0001: from=<news@x.example>, size=1, nrcpt=1 (queue active)");
    write(
        "smtp[1]: 4XA0001: to=<full@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, "
        "delays=0/0/1/0, dsn=4.2.2, status=deferred "
        "(host mx.b.example[198.51.100.1] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command))");
    write("smtpd[1]: connect from x[192.0.2.1]");
  }
  // Every line was counted once, and the attempt too.
  void expect_all_once() {
    wait_for("SELECT sum(understood + ignored) FROM line_count", std::to_string(lines_));
    EXPECT_EQ(query("SELECT sum(attempts) FROM send"), "1");
  }

  fs::path folder_;
  fs::path log_;
  Config config_;
  std::unique_ptr<LearningLoop> loop_;
  std::thread thread_;
  int lines_ = 0;
};

TEST_F(LearningLoopTest, waiting_lines_are_learned) {
  write_what_waits();
  expect_all_once();
}

TEST_F(LearningLoopTest, waiting_lines_are_learned_when_the_loop_stops) {
  write_what_waits();
  std::this_thread::sleep_for(std::chrono::milliseconds{20});  // read by now, as a rule
  stop();
  start();
  expect_all_once();
}

TEST_F(LearningLoopTest, lines_that_wait_while_their_log_is_renamed_are_learned_once) {
  write_what_waits();
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  fs::rename(log_, log_.string() + ".1");
  write("smtpd[1]: the new log");
  expect_all_once();
  EXPECT_EQ(query("SELECT count(DISTINCT first_line) FROM cursor"), "2");
}

TEST_F(LearningLoopTest, lines_that_wait_while_their_log_is_copied_and_truncated_are_learned_once) {
  write_what_waits();
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  write("smtpd[1]: not read yet, perhaps");
  fs::copy_file(log_, log_.string() + ".1");
  fs::resize_file(log_, 0);
  write("smtpd[1]: the new log");
  expect_all_once();
}

TEST_F(LearningLoopTest, lines_that_wait_while_another_process_learns_them_are_learned_once) {
  for (int round = 0; round < 10; ++round) {
    if (round == 5) {
      write_what_waits();
    } else {
      write("smtpd[1]: connect from x[192.0.2.1]");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    replay();
  }
  write("smtpd[1]: the end");
  expect_all_once();
}

TEST_F(LearningLoopTest, a_log_that_is_named_twice_is_learned_once) {
  stop();
  fs::create_symlink(log_, folder_ / "again.log");
  config_.source_files.push_back((folder_ / "again.log").string());
  start();
  for (int round = 0; round < 10; ++round) {
    write("smtpd[1]: connect from x[192.0.2.1]");
    if (round == 5) write_what_waits();
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  expect_all_once();
}

TEST_F(LearningLoopTest, a_log_that_lags_behind_one_that_is_left_is_not_skipped) {
  stop();
  const auto other = folder_ / "other.log";
  const auto write_other = [&](const std::string& text) {
    std::ofstream(other, std::ios::app) << "Sep 21 09:00:00 mx2 postfix/" << text << '\n';
  };
  write_other("smtpd[1]: begun");
  config_.source_files = {other.string(), log_.string()};
  start();
  wait_for("SELECT count(*) FROM cursor", "2");
  write_what_waits();
  wait_for("SELECT sum(attempts) FROM send", "1");
  stop();
  write_other(
      "smtp[1]: 4XB0001: to=<dead@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, "
      "dsn=5.1.1, status=bounced "
      "(host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))");
  config_.source_files = {other.string()};
  start();
  wait_for("SELECT count(*) FROM suppression", "1");
}

TEST_F(LearningLoopTest, a_log_that_was_never_read_is_not_the_one_that_was_followed) {
  stop();
  const auto other = folder_ / "other.log";
  config_.source_files = {other.string()};
  start();
  ASSERT_TRUE(loop_->logs_within(std::chrono::seconds{10}));
  stop();
  auto ledger = Ledger::open(config_.database_path, Ledger::Mode::write, Ledger::Durability::learning);
  ASSERT_TRUE(ledger);
  const auto followed = ledger->newest_followed_cursor();
  ASSERT_TRUE(followed && *followed);
  EXPECT_EQ((*followed)->source, log_.string());
  EXPECT_EQ(query("SELECT count(*) FROM cursor"), "2") << "its place is kept all the same";
}

TEST_F(LearningLoopTest, lines_that_can_wait_share_transactions) {
  const int stored = std::stoi(query("SELECT max(saved) FROM cursor"));
  constexpr int kLines = 200;
  for (int i = 0; i < kLines; ++i) {
    write("smtpd[1]: connect from x[192.0.2.1]");
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  wait_for("SELECT sum(understood + ignored) FROM line_count", std::to_string(lines_));
  EXPECT_LT(std::stoi(query("SELECT max(saved) FROM cursor")) - stored, kLines / 2);
}

// All lines of the tests are older than any start; of a log that could not be read at first, only newer lines
// count.
TEST_F(LearningLoopTest, a_log_that_can_be_read_later_is_learned_from_where_it_was_at_the_start) {
  stop();
  const auto late = folder_ / "late.log";
  config_.source_files.push_back(late.string());
  config_.source_start = StartAt::end;
  start();
  write("smtpd[1]: connect from x[192.0.2.1]");
  wait_for("SELECT sum(understood + ignored) FROM line_count",
           std::to_string(lines_));  // the other log is learned from
  const auto bounce = [&](const std::string& time, const std::string& address) {
    std::ofstream(late, std::ios::app)
        << time << " mta postfix/smtp[1]: 4XA0001: to=<" << address
        << ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host "
           "mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))\n";
  };
  stop();  // the place is kept over a restart
  bounce("2026-01-01T00:00:00Z", "before@b.example");
  bounce(format_time(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())),
         "after@b.example");
  start();
  wait_for("SELECT group_concat(address) FROM v_suppressed", "after@b.example");
}

TEST_F(LearningLoopTest, without_any_log_it_runs_and_finds_the_one_that_comes) {
  stop();
  config_.source_files.clear();
  const LogPlaces places{.files = {(folder_ / "mail.log.none").string()}, .journal = folder_ / "journal"};
  start(places);
  fs::copy_file(log_, folder_ / "mail.log.none");
  wait_for("SELECT count(*) FROM cursor WHERE source LIKE '%none'", "1");
}

TEST_F(LearningLoopTest, a_database_that_is_replaced_while_no_line_comes_is_used_at_once) {
  {
    auto copy = Database::open(folder_ / "copy.db", Database::Mode::create);
    ASSERT_TRUE(copy);
    copy->execute("INSERT INTO suppression(address) VALUES ('copy@b.example')");
  }
  fs::rename(folder_ / "copy.db", config_.database_path);
  std::this_thread::sleep_for(std::chrono::seconds{3});  // no one else may open it meanwhile
  EXPECT_EQ(query("SELECT address FROM suppression"), "copy@b.example");
  wait_for("SELECT sum(understood + ignored) FROM line_count", std::to_string(lines_));
}

TEST_F(LearningLoopTest, a_permanent_failure_is_learned_with_the_waiting_lines) {
  write("qmgr[1]: 4XA0001: from=<news@x.example>, size=1, nrcpt=1 (queue active)");
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  write(
      "smtp[1]: 4XA0001: to=<dead@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, "
      "dsn=5.1.1, status=bounced "
      "(host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))");
  wait_for("SELECT address FROM v_suppressed", "dead@b.example");
  EXPECT_EQ(query("SELECT sender FROM evidence"), "news@x.example");
}

TEST_F(LearningLoopTest, a_clock_that_is_ahead_is_reported_and_not_for_each_event) {
  stop();
  std::ostringstream said;
  auto& sinks = spdlog::default_logger()->sinks();
  sinks.push_back(std::make_shared<spdlog::sinks::ostream_sink_mt>(said));
  const auto ahead = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) +
                     std::chrono::hours(3) + std::chrono::minutes(30);
  config_.source_files = {(folder_ / "ahead.log").string()};
  start();
  for (int i = 0; i < 3; ++i) {
    const auto id = "4XA000" + std::to_string(i);
    std::ofstream(folder_ / "ahead.log", std::ios::app)
        << format_time(ahead) << " mx9 postfix/smtp[1]: " << id << ": to=<" << id
        << "@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, "
           "status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT "
           "TO command))\n";
    wait_for("SELECT count(*) FROM waiting", std::to_string(i + 1));
  }
  stop();
  sinks.pop_back();
  EXPECT_EQ(query("SELECT count(*) FROM suppression"), "0");
  const std::string words = "1 event is 3h ahead of the clock (the log of mx9) and waits for it";
  const auto first = said.str().find(words);
  ASSERT_NE(first, std::string::npos) << said.str();
  EXPECT_EQ(said.str().find(" ahead of the clock", first + words.size()), std::string::npos) << said.str();
}

TEST_F(LearningLoopTest, the_views_do_not_stay_with_an_old_configuration) {
  const auto settings =
      "SELECT group_concat(value, ' ') FROM (SELECT value FROM meta WHERE name LIKE '%.%' ORDER BY name)";
  EXPECT_EQ(query(settings), "enforce  15552000");
  config_.gatekeeper.mode = Mode::monitor;
  config_.gatekeeper.recipient_delimiter = "+";
  config_.learn.policy.stale_after = std::chrono::hours(24);
  auto loaded = load_rules({}, config_.learn.actions);
  ASSERT_TRUE(loaded);
  loop_->use(config_, {.rules = std::make_shared<const Ruleset>(std::move(*loaded)),
                       .trace_keys = std::make_shared<const TraceKeys>()});
  wait_for(settings, "monitor + 86400");
  stop();
  config_.learn.policy.stale_after = kForever;
  start();
  wait_for(settings, "monitor +");
}

}  // namespace
}  // namespace suppressd
