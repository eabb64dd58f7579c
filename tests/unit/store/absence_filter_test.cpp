#include "suppressd/store/absence_filter.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "suppressd/store/verdict_reader.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

using Kind = SuppressionKind;
using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

class AbsenceFilterTest : public StoreTest {
 protected:
  AbsenceFilterTest() : database_(open()) { put(database_, {entry("listed@b.example", Kind::hard)}); }

  void begin(std::chrono::milliseconds rest = 1ms) {
    filter_.emplace(reader_, gate_, rest);
    database_.tell(*filter_);
    wait();
  }
  void wait() { ASSERT_TRUE(becomes_ready()); }
  bool becomes_ready() {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!filter_->ready()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  /// At a quiet moment: absent() is false at once while another thread uses the filter.
  bool absent(const std::string& address, const std::string& delimiters = "") {
    for (int i = 0; i < 5; ++i) {
      if (filter_->absent({address, delimiters})) return true;
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }

  Database database_;
  std::shared_ptr<DatabaseGate> gate_ = std::make_shared<DatabaseGate>(path_);
  VerdictReader reader_{gate_};
  std::optional<AbsenceFilter> filter_;
};

TEST_F(AbsenceFilterTest, an_address_without_an_entry_is_absent_and_one_with_an_entry_is_not) {
  begin();
  EXPECT_TRUE(absent("other@b.example"));
  EXPECT_FALSE(absent("listed@b.example"));
}

TEST_F(AbsenceFilterTest, whole_domains_are_checked_as_well) {
  put(database_, {entry("@c.example", Kind::manual)});
  begin();
  EXPECT_FALSE(absent("a@c.example"));
  EXPECT_TRUE(absent("a@d.example"));
}

TEST_F(AbsenceFilterTest, an_address_under_a_wider_entry_is_not_absent) {
  put(database_, {entry("@.c.example", Kind::manual)});
  begin();
  EXPECT_FALSE(absent("a@c.example.m.c.example"));
  EXPECT_FALSE(absent("a@m.c.example"));
  EXPECT_TRUE(absent("a@c.example"));
  EXPECT_TRUE(absent("a@xc.example"));
  EXPECT_FALSE(absent("listed+tag@b.example", "+"));
  EXPECT_TRUE(absent("listed+tag@b.example"));
  EXPECT_TRUE(absent("other+tag@b.example", "+"));
}

TEST_F(AbsenceFilterTest, the_first_entry_that_covers_subdomains_counts_at_once) {
  begin();
  EXPECT_TRUE(absent("a@m.c.example"));
  put(database_, {entry("@.c.example", Kind::manual)});
  EXPECT_FALSE(absent("a@m.c.example"));
  ASSERT_TRUE(filter_->ready());
}

TEST_F(AbsenceFilterTest, an_entry_of_our_writer_counts_at_once_and_the_filter_stays) {
  begin();
  for (int i = 0; i < 100; ++i) {
    const std::string address = "user" + std::to_string(i) + "@b.example";
    EXPECT_TRUE(absent(address));
    put(database_, {entry(address, Kind::hard)});
    EXPECT_FALSE(absent(address));
    ASSERT_TRUE(filter_->ready());
  }
}

TEST_F(AbsenceFilterTest, a_transaction_that_is_rolled_back_leaves_the_filter) {
  begin();
  {
    Ledger ledger = must(Ledger::open(gate_, Ledger::Mode::write, Ledger::Durability::learning));
    ledger.tell(*filter_);
    Batch batch = must(ledger.begin());
    AddressRecord* record = must(batch.record("never@b.example"));
    record->entry(Kind::hard) = entry("never@b.example", Kind::hard);
    batch.changed(*record);
  }
  EXPECT_TRUE(filter_->ready());
  EXPECT_TRUE(absent("other@b.example"));
}

TEST_F(AbsenceFilterTest, a_row_by_hand_counts_at_once) {
  begin();
  Shell shell(path_);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(becomes_ready());
    const std::string address = "hand" + std::to_string(i) + "@b.example";
    EXPECT_TRUE(absent(address));
    // With and without the triggers: nothing but the commit itself may be needed.
    if (i == 2) sqlite3_db_config(shell.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    EXPECT_EQ(shell.run("INSERT INTO suppression(address) VALUES ('" + address + "')"), "");
    EXPECT_FALSE(filter_->absent({address, {}}));
  }
}

TEST_F(AbsenceFilterTest, rows_by_hand_between_our_own_commits_are_not_carried_over) {
  begin();
  Shell shell(path_);
  put(database_, {entry("own1@b.example", Kind::hard)});
  EXPECT_EQ(shell.run("INSERT INTO suppression(address) VALUES ('hand@b.example')"), "");
  put(database_, {entry("own2@b.example", Kind::hard)});
  EXPECT_FALSE(filter_->absent({"hand@b.example", {}}));
  wait();
  EXPECT_FALSE(filter_->absent({"hand@b.example", {}}));
  EXPECT_TRUE(absent("other@b.example"));
}

TEST_F(AbsenceFilterTest, a_commit_that_changes_nothing_leaves_the_filter) {
  begin();
  for (int i = 0; i < 3; ++i) {
    Transaction nothing(database_);
    nothing.commit();
  }
  EXPECT_TRUE(filter_->ready());
}

TEST_F(AbsenceFilterTest, our_own_checkpoints_leave_the_filter) {
  const auto rows = [](int from, int count, const char* note) {
    std::vector<Suppression> entries;
    for (int i = from; i < from + count; ++i) {
      entries.push_back(entry("user" + std::to_string(i * 7919 % 12007) + "@c.example", Kind::hard));
      entries.back().note = note;
    }
    return entries;
  };
  put(database_, rows(0, 12000, ""));
  begin();
  const auto before = std::filesystem::last_write_time(path_);
  for (int i = 0; i < 60; ++i) {
    put(database_, rows(i * 200, 200, "changed"));
    ASSERT_TRUE(filter_->ready()) << i;
  }
  EXPECT_NE(std::filesystem::last_write_time(path_), before) << "there was no checkpoint";
  EXPECT_TRUE(absent("other@b.example"));
}

TEST_F(AbsenceFilterTest, after_a_write_past_sqlite_nothing_is_known) {
  begin(1h);
  ASSERT_TRUE(absent("other@b.example"));
  std::ofstream(path_, std::ios::binary | std::ios::in).seekp(0, std::ios::end).write("x", 1);
  std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  EXPECT_FALSE(filter_->absent({"other@b.example", {}}));
}

TEST_F(AbsenceFilterTest, a_file_that_is_gone_is_not_believed) {
  begin();
  ASSERT_TRUE(absent("other@b.example"));
  std::filesystem::remove(path_);
  std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  EXPECT_FALSE(filter_->absent({"other@b.example", {}}));
}

TEST_F(AbsenceFilterTest, another_file_in_its_place_is_read) {
  begin();
  const std::string other = folder_ + "/other.db";
  {
    Database database = must(Database::open(other, Database::Mode::create));
    put(database, {entry("elsewhere@b.example", Kind::hard)});
  }
  Shell(other).run("PRAGMA wal_checkpoint(TRUNCATE)");
  for (const char* end : {"-wal", "-shm", ""}) {
    std::filesystem::remove(path_ + end);
    if (std::filesystem::exists(other + end)) std::filesystem::rename(other + end, path_ + end);
  }
  std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  EXPECT_FALSE(filter_->absent({"elsewhere@b.example", {}}));
  Database now = open(Database::Mode::read_write);  // Our writer opens it again, too.
  wait();
  EXPECT_FALSE(filter_->absent({"elsewhere@b.example", {}}));
  EXPECT_TRUE(absent("listed@b.example"));
}

TEST_F(AbsenceFilterTest, a_list_that_outgrows_it_gets_a_larger_one) {
  begin();
  std::vector<Suppression> rows;
  for (int i = 0; i < 20000; ++i)
    rows.push_back(entry("user" + std::to_string(i) + "@b.example", Kind::hard));
  put(database_, rows);
  wait();
  int absences = 0;
  for (int i = 0; i < 1000; ++i) absences += absent("other" + std::to_string(i) + "@b.example") ? 1 : 0;
  EXPECT_GT(absences, 900);
  EXPECT_FALSE(filter_->absent({"user19999@b.example", {}}));
}

// Whatever is done by whom: an address in the database is never absent.
TEST_F(AbsenceFilterTest, random_changes_never_make_it_wrong) {
  begin();
  std::mt19937 random(1);
  auto shell = std::make_unique<Shell>(path_);
  std::set<std::string> listed;
  int ready = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string address = "r" + std::to_string(random() % 500) + "@b.example";
    switch (random() % 40) {
      case 0:
        if (shell->run("INSERT INTO suppression(address) VALUES ('" + address + "')").empty())
          listed.insert(address);
        break;
      case 1:
        shell->run("PRAGMA wal_checkpoint(TRUNCATE)");
        break;
      case 2:
        shell->run("PRAGMA wal_checkpoint(PASSIVE)");
        break;
      case 3:
        shell = std::make_unique<Shell>(path_);
        break;
      case 4:
        ASSERT_TRUE(becomes_ready());
        break;
      default:
        put(database_, {entry(address, Kind::hard)});
        listed.insert(address);
    }
    for (int j = 0; j < 20; ++j) {
      const std::string asked = "r" + std::to_string(random() % 500) + "@b.example";
      if (!filter_->absent({asked, {}})) continue;
      ++ready;
      ASSERT_FALSE(listed.contains(asked)) << "after step " << i;
    }
  }
  EXPECT_GT(ready, 1000);
}

// Writers of both kinds and several readers at once: what was committed before a look-up is never absent.
TEST_F(AbsenceFilterTest, many_threads_never_miss_a_commit) {
  begin();
  constexpr int kOwn = 1500;
  constexpr int kByHand = 15;
  std::atomic<int> own{0};
  std::atomic<int> by_hand{0};
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::atomic<long> absences{0};
  const auto name = [](const char* who, int i) { return who + std::to_string(i) + "@b.example"; };
  std::vector<std::jthread> askers;
  for (int asker = 0; asker < 3; ++asker) {
    askers.emplace_back([&, asker] {
      std::mt19937 random(static_cast<unsigned>(asker));
      while (!done) {
        const int last_own = own;
        const int last_by_hand = by_hand;
        for (int i = 0; i < 20; ++i) {
          if (last_own > 0 &&
              filter_->absent(
                  {name("own", static_cast<int>(random() % static_cast<unsigned>(last_own))), {}}))
            ++wrong;
          if (last_own > 0 && filter_->absent({name("own", last_own - 1), {}})) ++wrong;
          if (last_by_hand > 0 && filter_->absent({name("hand", last_by_hand - 1), {}})) ++wrong;
        }
        if (filter_->absent({"other@b.example", {}})) ++absences;
      }
    });
  }
  std::jthread hand([&] {
    Shell shell(path_);
    shell.run("PRAGMA busy_timeout = 60000");
    for (int i = 0; i < kByHand; ++i) {
      EXPECT_EQ(shell.run("INSERT INTO suppression(address) VALUES ('" + name("hand", i) + "')"), "");
      by_hand = i + 1;
      std::this_thread::sleep_for(100ms);
    }
  });
  for (int i = 0; i < kOwn; ++i) {
    put(database_, {entry(name("own", i), Kind::hard)});
    own = i + 1;
    std::this_thread::sleep_for(1ms);
  }
  hand.join();
  done = true;
  askers.clear();
  wait();
  EXPECT_TRUE(absent("other@b.example"));
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(absences, 0);
}

TEST_F(AbsenceFilterTest, the_look_up_answers_the_same_with_it) {
  begin();
  using Answer = LookupResult::Answer;
  EXPECT_EQ(filter_->find({"listed@b.example", {}}, {}, kNow).answer, Answer::suppressed);
  EXPECT_EQ(filter_->find({"other@b.example", {}}, {}, kNow).answer, Answer::clear);
  Shell shell(path_);
  EXPECT_EQ(shell.run("INSERT INTO suppression(address) VALUES ('@b.example')"), "");
  EXPECT_EQ(filter_->find({"other@b.example", {}}, {}, kNow + kDay * 10000).answer, Answer::suppressed);
  EXPECT_EQ(shell.run("DELETE FROM suppression"), "");
  EXPECT_EQ(filter_->find({"listed@b.example", {}}, {}, kNow).answer, Answer::clear);
}

class Failing final : public Lookup {
 public:
  LookupResult find(const CoveringKeys&, std::string_view, Time) override {
    return {.answer = LookupResult::Answer::error, .entry = {}, .error = "locked"};
  }
  Result<bool> exempt(const CoveringKeys&) override { return Error{"locked"}; }
};

TEST_F(AbsenceFilterTest, the_database_is_queried_only_for_unknown_addresses) {
  Failing failing;
  AbsenceFilter filter(failing, gate_, 1ms);
  for (int i = 0; i < 60'000 && !filter.ready(); ++i) std::this_thread::sleep_for(1ms);
  const auto answer = [&](const char* address) { return filter.find({address, {}}, {}, kNow).answer; };
  EXPECT_EQ(answer("listed@b.example"), LookupResult::Answer::error);
  auto absent = answer("other@b.example");
  for (int i = 0; i < 5 && absent != LookupResult::Answer::clear; ++i) absent = answer("other@b.example");
  EXPECT_EQ(absent, LookupResult::Answer::clear);
  EXPECT_FALSE(filter.exempt({"other@b.example", {}})) << "an exemption is always looked up";
}

TEST_F(AbsenceFilterTest, it_ends_at_once_while_it_is_made) {
  for (int i = 0; i < 20; ++i) AbsenceFilter filter(reader_, gate_);
}

TEST(AbsenceFilter, of_a_database_that_is_not_there_knows_nothing) {
  const auto gate = std::make_shared<DatabaseGate>("/nonexistent/list.db");
  VerdictReader reader(gate);
  AbsenceFilter filter(reader, gate);
  EXPECT_FALSE(filter.absent({"a@b.example", {}}));
  EXPECT_FALSE(filter.ready());
}

}  // namespace
}  // namespace suppressd::test
