// Old logs: a replay that is read ahead in another thread must give the database of a live run, whatever
// other processes write meanwhile.
#include <fstream>
#include <random>

#include "suppressd/config/sources.h"
#include "suppressd/learn/ledger_cursors.h"
#include "suppressd/store/reader.h"

#include "learner_fixture.h"
#include "ledger_state.h"

namespace suppressd {
namespace {

constexpr int kMessages = 16000;
constexpr std::uint64_t kTransaction = 5000;

class ReplayTest : public LearnerTest {
 protected:
  void SetUp() override {
    LearnerTest::SetUp();
    write_log(path, 1);
  }

  /// Messages to 700 addresses in three weeks: most take their mail, some are dead, full, slow or unlucky;
  /// some messages stay open.
  void write_log(const std::string& to, unsigned seed) {
    std::mt19937 dice(seed);
    std::ofstream log(to);
    std::int64_t at = 1'788'000'000;  // 2026-08-29
    for (int i = 0; i < kMessages; ++i) {
      at += dice() % 200;
      const auto nth = dice() % 700;
      const auto address = "user" + std::to_string(nth) + "@" + (nth % 3 ? "b.example" : "c.example");
      char id[16];
      std::snprintf(id, sizeof id, "4X%05XA%X", static_cast<unsigned>(i % 3000), i % 16);
      const auto line = [&](const std::string& text) {
        log << format_time(from_unix(at)) << " mta postfix/" << text << "\n";
      };
      const auto attempt = [&](const std::string& status, const std::string& dsn, const std::string& words) {
        line("smtp[1]: " + std::string(id) + ": to=<" + address +
             ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=" + dsn +
             ", status=" + status + " (" + words + ")");
      };
      line("smtpd[1]: " + std::string(id) + ": client=app[192.0.2.1]");
      line("cleanup[1]: " + std::string(id) + ": message-id=<" + id + "@x>");
      line("qmgr[1]: " + std::string(id) + ": from=<" + (dice() % 50 ? "news@x.example" : "") +
           ">, size=1, nrcpt=1 (queue active)");
      const auto fate = nth % 20;
      if (fate == 0)
        attempt("bounced", "5.1.1",
                "host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)");
      else if (fate < 3 && dice() % 2)
        attempt("bounced", "5.2.2",
                "host mx.b.example[198.51.100.1] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)");
      else if (fate == 4 && dice() % 2)
        attempt("deferred", "4.2.0",
                "host mx.b.example[198.51.100.1] said: 450 4.2.0 Greylisted (in reply to RCPT TO command)");
      else if (dice() % 100 == 0)
        attempt("bounced", "5.1.1",
                "host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)");
      else
        attempt("sent", "2.0.0", "250 2.0.0 Ok: queued as 4Y" + std::to_string(i));
      if (dice() % 30) line("qmgr[1]: " + std::string(id) + ": removed");
    }
  }

  /// `after`: called after each transaction; false ends the replay.
  ReplayedLog replay(
      const std::string& log, const std::function<bool(int)>& after = [](int) { return true; }) {
    LedgerCursors cursors(*ledger);
    int transactions = 0;
    bool more = true;
    const ReplayTerms terms{
        .transaction = kTransaction,
        .go_on = [&] { return more; },
        .committed = [&](const ReplayStream::Progress&) { more = after(++transactions); }};
    auto replayed = learner->replay(log, cursors, terms);
    EXPECT_TRUE(replayed) << (replayed ? "" : replayed.error().message);
    return replayed ? *replayed : ReplayedLog{};
  }

  /// As a live run learns them, from a given place in the log on.
  void learn_live(const std::string& log, std::size_t first = 0, std::size_t last = std::string::npos) {
    std::ifstream in(log);
    std::vector<std::string> lines;
    std::size_t nth = 0;
    for (std::string line; std::getline(in, line); ++nth) {
      if (nth < first || nth >= last) continue;
      lines.push_back(line);
      if (lines.size() == 700) learn_lines(lines);
    }
    learn_lines(lines);
  }
  void learn_lines(std::vector<std::string>& lines) {
    go_on(learner->learn(batch_of(std::move(lines))));
    lines.clear();
  }

  void start_anew() {
    start_afresh();
    offset = 0;
    write_log(path, 1);
  }

  std::string dumped() {
    std::string text;
    auto reader = Reader::open(database_path);
    EXPECT_TRUE(reader && reader->dump([&](std::string_view line) { text.append(line).append(1, '\n'); }));
    return text;
  }

  std::size_t lines_learned() {
    return std::stoul(query("SELECT sum(understood + ignored + not_understood) FROM line_count"));
  }

  /// A replay during which another process writes, and a live run with the same change at the same place,
  /// must give the same database.
  void change_in_between(const std::string& change) {
    std::size_t place = 0;
    const auto log = replay(path, [&](int nth) {
      if (nth != 3) return true;
      place = lines_learned();
      elsewhere(change);
      return true;
    });
    EXPECT_GT(log.new_lines, place) << "what was read ahead is read again";
    const auto replayed = dumped();
    start_anew();
    learn_live(path, 0, place);
    elsewhere(change);
    learn_live(path, place);
    EXPECT_TRUE(dumped() == replayed);
  }

  /// Another process.
  void elsewhere(const std::string& sql) {
    auto other = Database::open(database_path, Database::Mode::read_write);
    ASSERT_TRUE(other) << other.error().message;
    other->execute(sql);
  }

  std::string path =
      std::filesystem::temp_directory_path() / ("suppressd-replay-" + std::to_string(getpid()) + ".log");

  void TearDown() override {
    LearnerTest::TearDown();
    std::filesystem::remove(path);
  }
};

TEST_F(ReplayTest, a_log_that_is_read_ahead_gives_the_database_of_a_live_run) {
  int transactions = 0;
  const auto log = replay(path, [&](int nth) {
    transactions = nth;
    return true;
  });
  EXPECT_GT(log.new_lines, 70000u);
  EXPECT_FALSE(log.known);
  EXPECT_GT(transactions, 8) << "otherwise it was not read ahead, or in one piece";
  const auto replayed = dumped();
  EXPECT_NE(query("SELECT count(*) FROM recipient WHERE last_failure IS NULL"), "0");
  EXPECT_NE(query("SELECT count(*) FROM suppression WHERE kind = 'soft'"), "0");
  start_anew();
  learn_live(path);
  EXPECT_TRUE(dumped() == replayed);
  start_anew();
  replay(path);
  EXPECT_EQ(replay(path).new_lines, 0u);
  EXPECT_TRUE(dumped() == replayed);
}

TEST_F(ReplayTest, exempt_and_listed_addresses_and_an_older_log_give_the_database_of_a_live_run) {
  const std::string before =
      "INSERT INTO exemption(address, since) VALUES ('user0@c.example', 1787000000), ('@c.example', "
      "1787000000);"
      "INSERT INTO suppression(address, kind, since, until) VALUES ('user1@b.example', 'soft', 1787000000, "
      "1799000000),"
      " ('user2@b.example', 'hard', 1787000000, NULL);"
      "INSERT INTO recipient(address, last_delivery, deliveries) VALUES ('user5@b.example', "
      "1789000000, '1789000000 5 NEWER mta postfix');"
      "UPDATE recipient SET events = 0 WHERE address = 'user5@b.example'";
  elsewhere(before);
  replay(path);
  const auto replayed = dumped();
  start_anew();
  elsewhere(before);
  learn_live(path);
  EXPECT_TRUE(dumped() == replayed);
}

TEST_F(ReplayTest, deliveries_are_kept_one_by_one_if_reports_are_looked_up_by_them) {
  config.report_index = true;
  config.tracker.keep_message_ids = true;
  restart();
  replay(path);
  const auto replayed = dumped();
  EXPECT_GT(std::stoul(query("SELECT count(*) FROM delivery")), 10000u);
  start_anew();
  learn_live(path);
  EXPECT_TRUE(dumped() == replayed);
}

TEST_F(ReplayTest, an_interrupted_replay_continues_where_it_was) {
  replay(path);
  const auto whole = dumped();
  start_anew();
  const auto first = replay(path, [](int nth) { return nth < 3; });
  EXPECT_TRUE(first.interrupted);
  EXPECT_GE(first.new_lines, 3 * kTransaction);
  EXPECT_LE(lines_learned(), first.new_lines);
  EXPECT_GE(lines_learned(), 3 * kTransaction);
  restart();
  const auto second = replay(path);
  EXPECT_TRUE(second.known);
  EXPECT_FALSE(second.interrupted);
  EXPECT_TRUE(dumped() == whole);
}

TEST_F(ReplayTest, a_change_by_another_process_counts_from_the_next_transaction_on) {
  change_in_between(
      "INSERT INTO exemption(address, since) VALUES ('user20@b.example', 1787000000);"
      "INSERT INTO suppression(address, kind, since) VALUES ('user8@b.example', 'soft', 1787000000);"
      "INSERT INTO recipient(address, events) VALUES ('user8@b.example', 1)"
      " ON CONFLICT (address) DO UPDATE SET events = 1");
  EXPECT_EQ(query("SELECT count(*) FROM suppression WHERE address = 'user8@b.example'"), "0") << "lifted";
}

TEST_F(ReplayTest, a_replay_continues_where_another_process_has_learned_to) {
  EXPECT_EQ(query("SELECT count(*) FROM suppression WHERE state = 'pending'"), "0");
  change_in_between(
      "WITH RECURSIVE bucket(start) AS (SELECT max(start) FROM traffic UNION ALL SELECT start + " +
      std::to_string(kTrafficBucket.count()) +
      " FROM bucket LIMIT 1000)"
      " INSERT OR REPLACE INTO traffic(provider, start, sends, hard) SELECT 'b.example', start, 1, "
      "1000000 FROM bucket;"
      "UPDATE meta SET value = value + 1 WHERE name = 'learning'");
  EXPECT_NE(query("SELECT count(*) FROM audit WHERE act = 'pending'"), "0")
      << "the brake goes by the other's counts";
}

TEST_F(ReplayTest, two_at_the_same_log_learn_every_line_once) {
  const auto lines = replay(path).new_lines;
  const auto whole = dumped();
  start_anew();
  std::uint64_t elsewhere = 0;
  const auto here = replay(path, [&](int) {
    Elsewhere other(*this);
    bool more = true;
    const auto part =
        other.learner.replay(path, other.cursors,
                             {.transaction = kTransaction,
                              .go_on = [&] { return more; },
                              .committed = [&](const ReplayStream::Progress&) { more = false; }});
    EXPECT_TRUE(part);
    if (part) elsewhere += part->new_lines;
    return true;
  });
  EXPECT_GT(elsewhere, 0U);
  EXPECT_EQ(here.new_lines + elsewhere, lines);
  EXPECT_EQ(lines_learned(), lines);
  EXPECT_TRUE(dumped() == whole);
}

TEST_F(ReplayTest, a_database_that_cannot_be_written_ends_it_with_its_name_and_loses_nothing) {
  replay(path);
  const auto whole = dumped();
  start_anew();
  auto opened = Database::open(database_path, Database::Mode::read_write);
  ASSERT_TRUE(opened) << opened.error().message;
  auto state = std::make_unique<LedgerState>(std::move(*opened), Ledger::Durability::learning);
  Database& connection = state->database;
  Ledger unwritable(std::move(state));
  LedgerCursors cursors(unwritable);
  Learner writing(config, *rules, unwritable, nullptr, [this] { return now; });
  const ReplayTerms terms{
      .transaction = kTransaction,
      .go_on = [] { return true; },
      .committed = [&](const ReplayStream::Progress&) { connection.execute("PRAGMA query_only = ON"); }};
  const auto failed = writing.replay(path, cursors, terms);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find(path), std::string::npos) << failed.error().message;
  EXPECT_NE(failed.error().message.find("readonly"), std::string::npos) << failed.error().message;
  restart();
  replay(path);
  EXPECT_TRUE(dumped() == whole);
}

}  // namespace
}  // namespace suppressd
