#include "database.h"

#include <gtest/gtest.h>

#include "fixture.h"
#include "migration.h"

namespace suppressd::test {
namespace {

using DatabaseTest = StoreTest;
using Mode = Database::Mode;

constexpr uid_t kOther = 65534;
constexpr gid_t kReaders = 64999;

std::string count_as_reader(const std::string& path) {
  auto database = Database::open(path, Mode::read_only);
  if (!database) return database.error().message;
  try {
    Query query(*database, "SELECT count(*) FROM suppression");
    query.step();
    return std::to_string(query->integer(0));
  } catch (const StoreFailure& failure) {
    return failure.message;
  }
}

TEST_F(DatabaseTest, create_makes_a_file_that_others_cannot_read) {
  open();
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST_F(DatabaseTest, create_as_root_gives_the_file_to_the_owner_of_the_folder) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(folder_.c_str(), 64998, kReaders), 0);
  const Database database = open();
  for (const std::string& file : {path_, path_ + "-wal", path_ + "-shm"}) {
    struct stat info {};
    ASSERT_EQ(stat(file.c_str(), &info), 0) << file;
    EXPECT_EQ(info.st_uid, 64998u) << file;
    EXPECT_EQ(info.st_gid, kReaders) << file;
  }
}

TEST_F(DatabaseTest, only_create_makes_a_missing_file) {
  for (const Mode mode : {Mode::read_only, Mode::read_write}) {
    EXPECT_TRUE(has(error_of_opening(mode), "there is no such file"));
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
}

TEST_F(DatabaseTest, a_missing_folder_is_named) {
  path_ = folder_ + "/no/list.db";
  EXPECT_TRUE(has(error_of_opening(Mode::create), folder_ + "/no"));
}

TEST_F(DatabaseTest, a_world_writable_file_is_refused) {
  open();
  chmod(path_.c_str(), 0666);
  EXPECT_TRUE(has(error_of_opening(Mode::read_write), "chmod o-w " + path_));
  EXPECT_TRUE(has(error_of_opening(Mode::read_only), "chmod o-w " + path_));
}

TEST_F(DatabaseTest, a_folder_is_not_a_database) {
  path_ = folder_;
  EXPECT_TRUE(has(error_of_opening(Mode::read_write), "no regular file"));
}

TEST_F(DatabaseTest, a_file_that_is_not_a_database_is_left_alone) {
  std::ofstream(path_) << std::string(8192, 'x');
  chmod(path_.c_str(), 0640);
  EXPECT_TRUE(has(error_of_opening(Mode::create), "not an SQLite database"));
  EXPECT_EQ(std::filesystem::file_size(path_), 8192u);
}

TEST_F(DatabaseTest, the_database_of_another_program_is_left_alone) {
  Shell(path_).run("CREATE TABLE theirs(x)");
  chmod(path_.c_str(), 0640);
  EXPECT_TRUE(has(error_of_opening(Mode::create), "another program"));
  EXPECT_EQ(Shell(path_).ask("SELECT name FROM sqlite_schema"), "theirs");
}

TEST_F(DatabaseTest, a_copy_without_its_identity_is_not_said_to_be_of_another_program) {
  for (const char* lost : {"PRAGMA application_id = 0; PRAGMA user_version = 0", "PRAGMA application_id = 0",
                           "PRAGMA user_version = 0"}) {
    path_ += "x";
    open();
    Shell(path_).run(lost);
    for (const Mode mode : {Mode::read_only, Mode::read_write, Mode::create}) {
      const std::string error = error_of_opening(mode);
      EXPECT_TRUE(has(error, "suppressd-database(7), \"A damaged database\"")) << lost << ": " << error;
    }
  }
}

TEST_F(DatabaseTest, a_newer_version_is_refused_and_left_alone) {
  open();
  Shell(path_).run("PRAGMA user_version = 999");
  for (const Mode mode : {Mode::read_only, Mode::read_write, Mode::create}) {
    const std::string error = error_of_opening(mode);
    EXPECT_TRUE(has(error, "version 999") && has(error, "install the newer suppressd")) << error;
  }
  EXPECT_EQ(Shell(path_).ask("PRAGMA user_version"), "999");
}

TEST_F(DatabaseTest, an_empty_file_is_filled_by_writers_only) {
  std::ofstream{path_};
  chmod(path_.c_str(), 0640);
  EXPECT_TRUE(has(error_of_opening(Mode::read_only), "empty"));
  EXPECT_EQ(error_of_opening(Mode::read_write), "");
  EXPECT_EQ(Shell(path_).ask("PRAGMA user_version"), std::to_string(schema_version()));
}

TEST_F(DatabaseTest, a_damaged_file_tells_how_to_recover) {
  {
    Database database = open();
    for (int i = 0; i < 500; ++i)
      put(database, {entry("user" + std::to_string(i) + "@example.com", SuppressionKind::hard)});
  }
  Shell(path_).run("PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(static_cast<std::size_t>(std::filesystem::file_size(path_)) - 4096, '\xee');
  file.close();
  auto ledger = Ledger::open(path_, Ledger::Mode::write, Ledger::Durability::learning);
  std::string error;
  if (ledger) {
    auto begun = ledger->begin();
    error = begun ? begun->record("user1@example.com").error().message : begun.error().message;
  } else {
    error = ledger.error().message;
  }
  EXPECT_TRUE(has(error, "damaged") && has(error, ".recover")) << error;
}

TEST_F(DatabaseTest, a_path_in_a_missing_folder_is_an_error) {
  path_ = folder_ + "/no/list.db";
  const std::string error = error_of_opening(Mode::create);
  EXPECT_TRUE(has(error, "No such file or directory") && has(error, "create the folder " + folder_ + "/no"))
      << error;
}

// What a process without permission is told.
class Permission : public StoreTest {
 protected:
  static constexpr uid_t kOwner = 64998;

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    chmod(folder_.c_str(), 0755);
    open();
  }
  void give(uid_t user, gid_t group, mode_t mode) {
    for (const std::string& file : {path_, path_ + "-wal", path_ + "-shm"}) {
      ASSERT_EQ(chown(file.c_str(), user, group), 0);
      ASSERT_EQ(chmod(file.c_str(), mode), 0);
    }
  }
  std::string told(gid_t group, Mode mode = Mode::read_write) {
    return as_user(kOther, group, [&] { return error_of_opening(mode); });
  }
};

TEST_F(Permission, no_one_is_advised_to_run_as_root) {
  give(0, kReaders, 0640);
  const std::string error = told(kReaders);
  EXPECT_TRUE(has(error, "root:64999") && has(error, "0640")) << error;
  EXPECT_TRUE(has(error, "chown suppressd: " + path_)) << error;
  EXPECT_FALSE(has(error, "run it as root")) << error;
}

TEST_F(Permission, a_member_of_the_group_is_not_advised_to_join_it) {
  give(kOwner, kReaders, 0640);
  const std::string error = told(kReaders);
  EXPECT_TRUE(has(error, "only 64998 may write to it: run it as 64998")) << error;
  EXPECT_FALSE(has(error, "add its user")) << error;
}

TEST_F(Permission, no_one_is_advised_to_join_a_group_that_may_not_write) {
  give(kOwner, kReaders, 0644);
  const std::string error = told(kOther);
  EXPECT_TRUE(has(error, "only 64998 may write to it")) << error;
  EXPECT_FALSE(has(error, "add its user")) << error;
}

TEST_F(Permission, a_reader_is_advised_to_join_the_group_that_may_read) {
  give(kOwner, kReaders, 0640);
  const std::string error = told(kOther, Mode::read_only);
  EXPECT_TRUE(has(error, "run it as 64998 or add its user to the group 64999")) << error;
}

TEST_F(Permission, the_log_that_is_in_the_way_is_named_and_not_the_database) {
  give(kOther, kOther, 0640);
  ASSERT_EQ(chown((path_ + "-wal").c_str(), 0, 0), 0);
  const std::string error = told(kOther);
  EXPECT_TRUE(has(error, path_ + "-wal belongs to root:root")) << error;
}

TEST_F(Permission, a_path_in_a_folder_that_may_not_be_entered_is_an_error) {
  chmod(folder_.c_str(), 0700);
  const std::string error = told(kOther);
  EXPECT_TRUE(has(error, "(Permission denied)") && has(error, "may not enter the folder " + folder_))
      << error;
}

class ReadOnlyGroup : public StoreTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    chmod(folder_.c_str(), 0750);
    ASSERT_EQ(chown(folder_.c_str(), 64998, kReaders), 0);
  }
  std::string count() {
    return as_user(kOther, kReaders, [&] { return count_as_reader(path_); });
  }
};

TEST_F(ReadOnlyGroup, reads_while_a_writer_has_the_file_open) {
  Database database = open();
  put(database, {entry("a@example.com", SuppressionKind::hard)});
  EXPECT_EQ(count(), "1");
  put(database, {entry("b@example.com", SuppressionKind::hard)});
  EXPECT_EQ(count(), "2");
}

TEST_F(ReadOnlyGroup, reads_after_the_last_writer_has_closed) {
  {
    Database database = open();
    put(database, {entry("a@example.com", SuppressionKind::hard)});
  }
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_TRUE(std::filesystem::exists(path_ + "-shm"));
  EXPECT_EQ(count(), "1");
}

TEST_F(ReadOnlyGroup, reads_after_a_writer_was_killed) {
  const pid_t child = fork();
  if (child == 0) {
    Database database = open();
    put(database, {entry("a@example.com", SuppressionKind::hard)});
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EXPECT_EQ(count(), "1");
}

TEST_F(ReadOnlyGroup, reads_after_a_shell_took_the_log_away) {
  {
    Database database = open();
    put(database, {entry("a@example.com", SuppressionKind::hard)});
  }
  Shell(path_).run("INSERT INTO suppression(address) VALUES ('b@example.com')");
  ASSERT_FALSE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_EQ(count(), "2");
}

TEST_F(DatabaseTest, a_transaction_that_is_not_committed_changes_nothing) {
  Database database = open();
  {
    const Transaction transaction(database);
    database.execute("INSERT INTO suppression(address) VALUES ('a@example.com')");
  }
  EXPECT_EQ(Shell(path_).ask("SELECT count(*) FROM suppression"), "0");
}

TEST_F(DatabaseTest, data_version_tells_of_another_connection) {
  Database database = open();
  const auto before = database.data_version();
  put(database, {entry("a@example.com", SuppressionKind::hard)});
  EXPECT_EQ(database.data_version(), before);
  Shell(path_).run("INSERT INTO suppression(address) VALUES ('b@example.com')");
  EXPECT_NE(database.data_version(), before);
}

TEST_F(DatabaseTest, moved_tells_of_a_replaced_file) {
  Database database = open();
  EXPECT_FALSE(database.moved());
  std::filesystem::rename(path_, path_ + ".old");
  EXPECT_TRUE(database.moved());
}

TEST_F(DatabaseTest, two_processes_may_create_it_at_once) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      const std::string error = error_of_opening(Mode::create);
      std::cerr << error;
      _exit(error.empty() ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(error_of_opening(Mode::read_only), "");
}

}  // namespace
}  // namespace suppressd::test
