#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "suppressd/store/admin.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

using Kind = SuppressionKind;

class BackupTest : public StoreTest {
 protected:
  BackupTest() : database_(open()), admin_(must(Admin::open(path_))) {
    put(database_, {entry("a@b.example", Kind::hard)});
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      const std::string name = file.path().filename().string();
      if (!name.starts_with("list.db")) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  Database database_;
  Admin admin_;
  std::string copy_ = folder_ + "/copy.db";
};

TEST_F(BackupTest, holds_what_was_committed_and_stands_alone) {
  const auto size = must(admin_.back_up(copy_));
  EXPECT_EQ(size, std::filesystem::file_size(copy_));
  EXPECT_EQ(files(), std::vector<std::string>{"copy.db"});
  Shell shell(copy_);
  EXPECT_EQ(shell.ask("SELECT address FROM v_suppressed"), "a@b.example");
  EXPECT_EQ(shell.ask("PRAGMA journal_mode"), "delete");
  EXPECT_TRUE(Database::open(copy_, Database::Mode::read_write));
}

TEST_F(BackupTest, only_its_owner_and_group_may_read_it) {
  const mode_t before = umask(0);
  must(admin_.back_up(copy_));
  umask(before);
  struct stat info {};
  ASSERT_EQ(stat(copy_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
}

TEST_F(BackupTest, of_root_belongs_to_the_owner_of_the_database) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(path_.c_str(), 65534, 65533), 0);
  must(admin_.back_up(copy_));
  struct stat info {};
  ASSERT_EQ(stat(copy_.c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 65534U);
  EXPECT_EQ(info.st_gid, 65533U);
}

TEST_F(BackupTest, overwrites_nothing) {
  std::ofstream(copy_) << "precious";
  const auto made = admin_.back_up(copy_);
  ASSERT_FALSE(made);
  EXPECT_TRUE(has(made.error().message, "already exists")) << made.error().message;
  EXPECT_EQ(std::filesystem::file_size(copy_), 8U);
  std::filesystem::remove(copy_);
  std::filesystem::create_symlink("/nowhere", copy_);
  EXPECT_FALSE(admin_.back_up(copy_)) << "a link that leads nowhere is there, too";
  EXPECT_EQ(files(), std::vector<std::string>{"copy.db"});
}

TEST_F(BackupTest, that_fails_leaves_no_file) {
  EXPECT_FALSE(admin_.back_up(folder_ + "/none/copy.db"));
  const rlimit before = [] {
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    return limit;
  }();
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 20'000, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto made = admin_.back_up(copy_);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(made);
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(BackupTest, of_a_damaged_database_is_an_error_and_no_backup) {
  put(database_, {entry("c@d.example", Kind::hard)});
  admin_ = must(Admin::open(path_));
  Shell(path_).run("PRAGMA wal_checkpoint(TRUNCATE)");
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 3);
    file << std::string(4096 * 4, '\xff');
  }
  EXPECT_FALSE(admin_.back_up(copy_));
  EXPECT_EQ(files(), std::vector<std::string>{});
}

// Each transaction adds one address to each of two tables: a copy of one moment has as many in both.
TEST_F(BackupTest, under_load_is_of_one_moment_and_delays_no_writer) {
  std::atomic<bool> over = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    Database other = open();
    while (!over) {
      const std::string address = "user" + std::to_string(++written) + "@b.example";
      Transaction transaction(other);
      Query(other, "INSERT INTO exemption(address) VALUES (?1)", address).run();
      Query(other, "INSERT INTO recipient(address) VALUES (?1)", address).run();
      transaction.commit();
    }
  });
  for (int i = 0; i < 10; ++i) {
    const int before = written;
    must(admin_.back_up(copy_ + std::to_string(i)));
    while (written < before + 3) std::this_thread::yield();
  }
  over = true;
  writer.join();
  int last = 0;
  for (int i = 0; i < 10; ++i) {
    Shell shell(copy_ + std::to_string(i));
    const std::string count = shell.ask("SELECT count(*) FROM exemption");
    EXPECT_EQ(shell.ask("SELECT count(*) FROM recipient WHERE address LIKE 'user%'"), count);
    EXPECT_EQ(shell.ask("PRAGMA integrity_check"), "ok");
    EXPECT_GE(std::stoi(count), last);
    last = std::stoi(count);
  }
}

}  // namespace
}  // namespace suppressd::test
