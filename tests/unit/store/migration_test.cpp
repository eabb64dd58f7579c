#include "migration.h"

#include <array>

#include <gtest/gtest.h>

#include "fixture.h"

namespace suppressd::test {
namespace {

class MigrationTest : public StoreTest {
 protected:
  static constexpr std::array<MigrationStep, 2> kSteps{{
      {2, "ALTER TABLE suppression ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'"},
      {3, "UPDATE suppression SET colour = 'red' WHERE kind = 'hard'; CREATE TABLE next(x INTEGER) STRICT"},
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
  migrate(database, 4, "", kSteps);
  Shell shell(path_);
  EXPECT_EQ(shell.ask("PRAGMA user_version"), "4");
  EXPECT_EQ(shell.ask("SELECT address, colour FROM suppression ORDER BY address"),
            "a@b.example|red\nc@d.example|grey");
  EXPECT_EQ(shell.ask("SELECT count(*) FROM next"), "0");
  EXPECT_EQ(shell.ask("SELECT count(*) FROM v_suppressed"), "2");
}

TEST_F(MigrationTest, steps_that_were_taken_are_not_taken_again) {
  Database database = open();
  migrate(database, 3, "", kSteps);
  migrate(database, 4, "", kSteps);
  migrate(database, 4, "", kSteps);
  EXPECT_EQ(Shell(path_).ask("PRAGMA user_version"), "4");
}

TEST_F(MigrationTest, views_and_triggers_are_made_anew) {
  Database database = open();
  Shell(path_).run("DROP VIEW v_why; CREATE VIEW v_old AS SELECT 1");
  migrate(database, 3, "", kSteps);
  Shell shell(path_);
  EXPECT_EQ(shell.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'v_old'"), "0");
  EXPECT_EQ(shell.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'v_why'"), "1");
  shell.run("INSERT INTO suppression(address) VALUES ('a@b.example')");
  EXPECT_EQ(shell.ask("SELECT act FROM audit"), "added");
}

TEST_F(MigrationTest, a_step_that_fails_leaves_the_old_version_whole) {
  Database database = open();
  const std::array<MigrationStep, 2> steps{{kSteps[0], {3, "UPDATE no_such_table SET x = 1"}}};
  EXPECT_THROW(migrate(database, 4, "", steps), StoreFailure);
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
    migrate(database, 3, "", steps);
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

// version_1.sql is what the program of version 1 made.
class Version1Test : public StoreTest {
 protected:
  Version1Test() {
    std::ifstream file(std::string(SUPPRESSD_SOURCE_DIR) + "/tests/unit/store/version_1.sql");
    const std::string sql{std::istreambuf_iterator<char>(file), {}};
    Shell shell(path_);
    EXPECT_EQ(shell.run("PRAGMA journal_mode = WAL; BEGIN;" + sql + "COMMIT"), "");
    EXPECT_EQ(
        shell.run(
            "INSERT INTO suppression(address, kind, scope, state, category, rule, provider, since, until, "
            "ref, evidence, contradicted_at, node, note, actor) VALUES"
            " ('a@b.example', 'hard', 'x.example', 'pending', 'bad-mailbox', 'r.1', 'b.example', 100, 200, "
            "'REF', 7, 150, 'n', 'a note', 'suppressd');"
            "INSERT INTO suppression(address) VALUES ('@c.example');"
            "INSERT INTO exemption(address, since, note, actor) VALUES ('boss@c.example', 300, 'the boss', "
            "'anna');"
            "INSERT INTO recipient(address, streak, last_failure) VALUES ('s@b.example', 2, unixepoch());"
            "UPDATE meta SET value = 41 WHERE name = 'learning'"),
        "");
  }
};

TEST_F(Version1Test, a_database_of_version_1_loses_no_row_and_no_column) {
  Shell shell(path_);
  const std::string suppression =
      "SELECT address, kind, scope, state, category, rule, provider, since, until, ref, evidence,"
      " contradicted_at, node, note, actor, domain FROM suppression ORDER BY 1";
  const std::string others =
      "SELECT address, since, note, actor, domain FROM exemption UNION ALL SELECT * FROM"
      " (SELECT address, streak, last_failure, streak_since, soft_step FROM recipient ORDER BY 1)";
  const std::string audit = "SELECT * FROM audit";
  const std::string before[] = {shell.ask(suppression), shell.ask(others), shell.ask(audit)};
  open();
  const std::string after[] = {shell.ask(suppression), shell.ask(others), shell.ask(audit)};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(after[i], before[i]);
  EXPECT_EQ(shell.ask("SELECT name, value FROM meta ORDER BY name"),
            "learning|41\nmilter.mode|enforce\nmilter.recipient_delimiter|\nsoft.stale_after|15552000");
  EXPECT_EQ(shell.ask("PRAGMA integrity_check"), "ok");
}

/// SQLite keeps the comments of the version that made a table; no constraint's name holds `--`.
std::string without_comments(std::string schema) {
  for (auto at = schema.find(" --"); at != std::string::npos; at = schema.find(" --", at))
    schema.erase(at, schema.find('\n', at) - at);
  return schema;
}

TEST_F(Version1Test, a_migrated_database_does_not_differ_from_a_new_one) {
  const std::string schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
  open();
  const std::string migrated = Shell(path_).ask(schema);
  const std::string fresh_path = folder_ + "/fresh.db";
  must(Database::open(fresh_path, Database::Mode::create));
  EXPECT_EQ(without_comments(migrated), without_comments(Shell(fresh_path).ask(schema)));
}

TEST_F(Version1Test, a_migrated_database_takes_entries_that_cover_subdomains) {
  Shell shell(path_);
  EXPECT_TRUE(has(shell.run("INSERT INTO suppression(address) VALUES ('@.d.example')"), "A-labels"));
  open();
  EXPECT_EQ(shell.run("INSERT INTO suppression(address) VALUES ('@.d.example')"), "");
  EXPECT_EQ(shell.ask("SELECT act FROM audit WHERE address = '@.d.example'"), "added");
}

TEST_F(MigrationTest, there_is_a_step_for_every_version) {
  int version = 1;
  for (const MigrationStep& step : migration_steps()) EXPECT_EQ(step.from, version++);
  EXPECT_EQ(version, schema_version());
}

}  // namespace
}  // namespace suppressd::test
