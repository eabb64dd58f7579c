// A Learner on a real database: log lines and mails in, rows out.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <list>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "suppressd/config/rules_file.h"
#include "suppressd/learn/decider.h"
#include "suppressd/learn/learner.h"
#include "suppressd/learn/ledger_cursors.h"
#include "suppressd/store/ledger.h"

#include "database.h"

namespace suppressd {

class LearnerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() /
             ("suppressd-learner-" + std::to_string(getpid()) + "-" + std::to_string(number++));
    std::filesystem::create_directories(folder);
    database_path = folder / "suppressd.db";
    config.local_relays_default = false;
    config.timezone = "UTC";
    config.sets_policy = true;
    auto loaded = load_rules({}, config.actions);
    ASSERT_TRUE(loaded) << loaded.error().message;
    rules = std::make_unique<Ruleset>(std::move(*loaded));
    start();
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(folder);
  }

  void start() {
    auto opened = Ledger::open(database_path, Ledger::Mode::create, Ledger::Durability::learning);
    ASSERT_TRUE(opened) << opened.error().message;
    ledger = std::make_unique<Ledger>(std::move(*opened));
    auto beside = Database::open(database_path, Database::Mode::read_write);
    ASSERT_TRUE(beside) << beside.error().message;
    database = std::make_unique<Database>(std::move(*beside));
    learner = std::make_unique<Learner>(
        config, *rules, *ledger,
        [this](const Change& change) {
          acts.append(name_of(change.act)).append(" ").append(change.address).append("\n");
        },
        [this] { return now; });
  }
  void stop() {
    learner.reset();
    database.reset();
    ledger.reset();
  }
  void restart() {
    stop();
    start();
  }
  /// With an empty database, from the beginning of the log.
  void start_afresh() {
    stop();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    cursor = {};
    start();
  }
  /// What a decider of its own does in one batch.
  template <typename Act>
  void decide(Act act) {
    Decider decider(config);
    auto open = ledger->begin();
    ASSERT_TRUE(open) << open.error().message;
    ASSERT_TRUE(decider.begin(*ledger, *open));
    act(decider, *open);
    ASSERT_TRUE(decider.end(*open));
    ASSERT_TRUE(open->commit());
  }

  // Lines of one day, each with its time stamp put before it; one batch.
  const Source::Batch& batch_of(const std::string& day, const std::string& text) {
    std::istringstream in{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(day + " mta postfix/" + line);
    return batch_of(std::move(lines));
  }
  const Source::Batch& batch_of(std::vector<std::string> lines) {
    batch = {};
    batch_lines = std::move(lines);
    for (const auto& line : batch_lines) {
      SourceRecord record;
      record.line = line;
      batch.records.push_back(record);
    }
    batch.cursor = cursor;
    batch.cursor.kind = "file";
    batch.cursor.source = "/var/log/mail.log";
    batch.cursor.first_line = std::string(64, 'a');
    batch.cursor.digest = std::string(64, 'b');
    batch.cursor.offset = ++offset;
    batch.reference = from_unix(1'790'000'000);
    return batch;
  }
  void go_on(const Result<std::optional<Cursor>>& reached) {
    ASSERT_TRUE(reached) << reached.error().message;
    ASSERT_TRUE(*reached) << "overtaken";
    cursor = **reached;
  }
  void learn(const std::string& day, const std::string& text) { go_on(learner->learn(batch_of(day, text))); }

  Cursor must_find_cursor() {
    auto found = ledger->newest_cursor(batch.cursor.source);
    EXPECT_TRUE(found && *found);
    return found && *found ? **found : Cursor{};
  }

  std::string query(const std::string& sql) {
    std::string answer;
    Statement& statement = database->prepare(*queries.insert(queries.end(), sql));
    while (statement.step()) {
      if (!answer.empty()) answer += ' ';
      answer += statement.text(0);
    }
    statement.reset();
    return answer;
  }
  static Time must_time(std::string_view text) {
    const auto time = parse_time(text);
    EXPECT_TRUE(time) << text;
    return time ? *time : Time{};
  }
  std::string suppressed() { return query("SELECT address FROM v_suppressed ORDER BY address"); }

  static std::string message(const std::string& id, const std::string& sender, const std::string& attempts) {
    return "smtpd[1]: " + id + ": client=app[192.0.2.1]\ncleanup[1]: " + id + ": message-id=<" + id +
           "@x>\nqmgr[1]: " + id + ": from=<" + sender + ">, size=1, nrcpt=1 (queue active)\n" + attempts +
           "qmgr[1]: " + id + ": removed";
  }
  static std::string bounce(const std::string& id, const std::string& to, const std::string& dsn,
                            const std::string& reply) {
    return "smtp[1]: " + id + ": to=<" + to +
           ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=" + dsn +
           ", status=bounced (host mx.b.example[198.51.100.1] said: " + reply +
           " (in reply to RCPT TO command))\n";
  }

  /// Another process that learns into the same database.
  struct Elsewhere {
    explicit Elsewhere(LearnerTest& here)
        : ledger(Ledger::open(here.database_path, Ledger::Mode::write, Ledger::Durability::learning).value()),
          learner(here.config, *here.rules, ledger, nullptr, [&here] { return here.now; }) {}
    Ledger ledger;
    LedgerCursors cursors{ledger};
    Learner learner;
  };

  inline static int number = 0;
  Time now = from_unix(1'900'000'000);  ///< The clock: long after the lines.
  std::filesystem::path folder;
  std::string database_path;
  LearnSettings config;
  std::unique_ptr<Ruleset> rules;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Database> database;  ///< A connection beside the ledger's.
  std::unique_ptr<Learner> learner;
  std::vector<std::string> batch_lines;
  Source::Batch batch;
  Cursor cursor;
  std::uint64_t offset = 0;
  std::list<std::string> queries;
  std::string acts;
};

}  // namespace suppressd
