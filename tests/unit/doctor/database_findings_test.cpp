// The database's files: owner, mode, copies, a log of another file.
#include "database_findings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "suppressd/store/ledger.h"

#include "found.h"
#include "write_ahead_log.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

DatabaseFacts well() {
  return {.path = "/d/s.db",
          .account = "suppressd",
          .owner = "suppressd",
          .mode = "0640",
          .available = 50ULL << 30U,
          .total = 100ULL << 30U};
}

TEST(DatabaseFindings, a_database_in_order_is_not_complained_about) {
  EXPECT_EQ(names_of(database_findings(well())), std::vector<std::string>{});
}

TEST(DatabaseFindings, a_missing_database_is_an_error) {
  auto facts = well();
  facts.exists = false;
  facts.has_log = false;
  EXPECT_EQ(names_of(database_findings(facts)), std::vector<std::string>{"database-missing"});
}

TEST(DatabaseFindings, a_wrong_owner_is_told_with_chown) {
  auto facts = well();
  facts.owner = "root";
  EXPECT_EQ(the(database_findings(facts), "database-owner").fix, "chown suppressd: /d/s.db*");
  facts.error = "database /d/s.db: no permission to write: it belongs to root";
  const auto found = the(database_findings(facts), "database");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_EQ(found.fix, "chown suppressd: /d/s.db*");
}

TEST(DatabaseFindings, another_version_is_told_with_what_to_do) {
  auto facts = well();
  facts.error =
      "database /d/s.db: it is of version 9 and this program knows versions up to 3: install the newer "
      "suppressd that wrote it";
  EXPECT_EQ(the(database_findings(facts), "database").fix, "install the newer suppressd that wrote it");
}

TEST(DatabaseFindings, copies_are_not_taken_for_the_database) {
  auto facts = well();
  facts.log_is_foreign = true;
  const auto found = the(database_findings(facts), "database-copied");
  EXPECT_EQ(found.level, FindingLevel::error);
  EXPECT_TRUE(has(found.fix, "rm /d/s.db-wal /d/s.db-shm"));
  EXPECT_TRUE(has(found.fix, "suppressctl backup"));
  facts.log_is_foreign = false;
  facts.has_log = false;
  EXPECT_EQ(the(database_findings(facts), "database-copied").level, FindingLevel::warning);
  facts.has_log = true;
  facts.held_elsewhere = true;
  EXPECT_EQ(the(database_findings(facts), "database-replaced").fix, "systemctl restart suppressd");
}

TEST(DatabaseFindings, a_full_disk_damage_and_a_mode_for_everyone_are_not_overlooked) {
  auto facts = well();
  facts.available = 500ULL << 20U;
  EXPECT_EQ(the(database_findings(facts), "disk").level, FindingLevel::warning);
  facts.available = 5ULL << 20U;
  EXPECT_EQ(the(database_findings(facts), "disk").level, FindingLevel::error);
  facts = well();
  facts.damage = "damaged";
  EXPECT_EQ(the(database_findings(facts), "database-damaged").level, FindingLevel::error);
  facts = well();
  facts.others_read = true;
  facts.mode = "0644";
  EXPECT_EQ(the(database_findings(facts), "database-mode").fix, "chmod 0640 /d/s.db*");
}

class Files : public testing::Test {
 protected:
  Files() {
    std::string name = testing::TempDir() + "doctor-db-XXXXXX";
    if (mkdtemp(name.data()) != nullptr) folder_ = name;
  }
  ~Files() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static void fill(Ledger& ledger, const std::string& value) {
    ASSERT_TRUE(ledger.save_health(value, from_unix(1)).ok());
  }
  /// Of a database that is in use: what a crash leaves.
  void copy_all(const std::string& from, const std::string& to) const {
    for (const char* ending : {"", "-wal", "-shm"}) fs::copy_file(path(from + ending), path(to + ending));
  }

  fs::path folder_;
};

TEST_F(Files, a_database_in_use_is_not_taken_for_a_copy) {
  auto ledger = Ledger::open(path("a.db"), Ledger::Mode::create, Ledger::Durability::by_hand);
  ASSERT_TRUE(ledger.ok());
  fill(*ledger, "one");
  EXPECT_FALSE(is_foreign_log(path("a.db")));
  EXPECT_FALSE(is_foreign_log(path("none.db")));
}

TEST_F(Files, a_snapshot_of_all_files_is_not_taken_for_a_copy_without_its_log) {
  auto ledger = Ledger::open(path("a.db"), Ledger::Mode::create, Ledger::Durability::by_hand);
  fill(*ledger, "one");
  copy_all("a.db", "b.db");
  EXPECT_FALSE(is_foreign_log(path("b.db")));
}

TEST_F(Files, a_log_that_was_there_before_its_database_is_recognised) {
  auto ledger = Ledger::open(path("a.db"), Ledger::Mode::create, Ledger::Durability::by_hand);
  fill(*ledger, "one");
  copy_all("a.db", "b.db");
  // A file's time of birth goes in steps of the kernel's clock.
  bool recognised = false;
  for (int i = 0; i < 10'000 && !recognised; ++i) {
    fs::remove(path("b.db"));
    fs::copy_file(path("a.db"), path("b.db"));
    recognised = is_foreign_log(path("b.db"), std::chrono::nanoseconds{0});
  }
  struct statx info {};
  const bool told =
      statx(AT_FDCWD, path("b.db").c_str(), 0, STATX_BTIME, &info) == 0 && (info.stx_mask & STATX_BTIME) != 0;
  if (!told) GTEST_SKIP() << "the file system does not tell";
  EXPECT_TRUE(recognised);
  EXPECT_FALSE(is_foreign_log(path("b.db"), std::chrono::hours(1)));
}

}  // namespace
}  // namespace suppressd
