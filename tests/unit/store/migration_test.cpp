#include "migration.h"

#include <array>

#include <gtest/gtest.h>

#include "fixture.h"

namespace suppressd::test {
namespace {

class MigrationTest : public StoreTest {
 protected:
  static constexpr std::array<MigrationStep, 2> kSteps{{
      {1, "ALTER TABLE suppression ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'"},
      {2, "UPDATE suppression SET colour = 'red' WHERE kind = 'hard'; CREATE TABLE next(x INTEGER) STRICT"},
  }};
};

TEST_F(MigrationTest, a_new_database_has_the_version_and_the_id) {
  open();
  Shell shell(path_);
  EXPECT_EQ(shell.ask("PRAGMA user_version"), std::to_string(schema_version()));
  EXPECT_EQ(shell.ask("PRAGMA application_id"), std::to_string(kApplicationId));
}

TEST_F(MigrationTest, an_older_database_takes_all_steps_and_keeps_its_rows) {
  Database database = open();
  put(database, {entry("a@b.example", SuppressionKind::hard), entry("c@d.example", SuppressionKind::soft)});
  migrate(database, 3, "", kSteps);
  Shell shell(path_);
  EXPECT_EQ(shell.ask("PRAGMA user_version"), "3");
  EXPECT_EQ(shell.ask("SELECT address, colour FROM suppression ORDER BY address"),
            "a@b.example|red\nc@d.example|grey");
  EXPECT_EQ(shell.ask("SELECT count(*) FROM next"), "0");
  EXPECT_EQ(shell.ask("SELECT count(*) FROM v_suppressed"), "2");
}

TEST_F(MigrationTest, completed_steps_are_not_repeated) {
  Database database = open();
  migrate(database, 2, "", kSteps);
  migrate(database, 3, "", kSteps);
  migrate(database, 3, "", kSteps);
  EXPECT_EQ(Shell(path_).ask("PRAGMA user_version"), "3");
}

TEST_F(MigrationTest, views_and_triggers_are_made_again) {
  Database database = open();
  Shell(path_).run("DROP VIEW v_why; CREATE VIEW v_old AS SELECT 1");
  migrate(database, 2, "", kSteps);
  Shell shell(path_);
  EXPECT_EQ(shell.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'v_old'"), "0");
  EXPECT_EQ(shell.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'v_why'"), "1");
  shell.run("INSERT INTO suppression(address) VALUES ('a@b.example')");
  EXPECT_EQ(shell.ask("SELECT act FROM audit"), "added");
}

TEST_F(MigrationTest, a_step_that_fails_leaves_the_old_version_whole) {
  Database database = open();
  const std::array<MigrationStep, 2> steps{{kSteps[0], {2, "UPDATE no_such_table SET x = 1"}}};
  EXPECT_THROW(migrate(database, 3, "", steps), StoreFailure);
  Shell shell(path_);
  EXPECT_EQ(shell.ask("PRAGMA user_version"), std::to_string(schema_version()));
  EXPECT_EQ(shell.ask("SELECT count(*) FROM pragma_table_info('suppression') WHERE name = 'colour'"), "0");
  EXPECT_EQ(shell.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'v_suppressed'"), "1");
}

TEST_F(MigrationTest, a_migration_that_is_killed_leaves_the_old_version_whole) {
  open();
  const pid_t child = fork();
  if (child == 0) {
    Database database = open();
    const std::array<MigrationStep, 1> steps{{kSteps[0]}};
    sqlite3_commit_hook(
        database.handle(), [](void*) { return kill(getpid(), SIGKILL); }, nullptr);
    migrate(database, 2, "", steps);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  Shell shell(path_);
  EXPECT_EQ(shell.ask("PRAGMA user_version"), std::to_string(schema_version()));
  EXPECT_EQ(shell.ask("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(error_of_opening(Database::Mode::read_write), "");
}

}  // namespace
}  // namespace suppressd::test
