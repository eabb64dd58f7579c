// What the tests of the store share: a temporary folder, a database in it, and a plain SQLite connection as
// the sqlite3 shell has it.
#pragma once

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "suppressd/store/ledger.h"

#include "database.h"
#include "record_rows.h"

namespace suppressd::test {

inline const Time kNow = from_unix(1793574000);  // 2026-11-01T23:00:00Z
constexpr Duration kDay = std::chrono::hours(24);

/// The value of a Result; an error ends the test program.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    throw std::runtime_error(result.error().message);
  }
  return std::move(result).value();
}
inline void must(const Status& status) {
  ASSERT_TRUE(status) << status.error().message;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A connection as the sqlite3 shell makes it: triggers on, nothing set.
class Shell {
 public:
  explicit Shell(const std::string& path) { EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK); }
  ~Shell() { sqlite3_close(handle_); }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  /// Empty, or SQLite's message.
  std::string run(const std::string& sql) {
    char* message = nullptr;
    sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &message);
    const std::string text = message ? message : "";
    sqlite3_free(message);
    return text;
  }

  /// Rows as lines, columns separated by `|`, NULL as `NULL`.
  std::string ask(const std::string& sql) {
    std::string rows;
    const auto add = [](void* out, int columns, char** values, char**) {
      auto& text = *static_cast<std::string*>(out);
      if (!text.empty()) text += '\n';
      for (int i = 0; i < columns; ++i) text += std::string(i ? "|" : "") + (values[i] ? values[i] : "NULL");
      return 0;
    };
    char* message = nullptr;
    if (sqlite3_exec(handle_, sql.c_str(), add, &rows, &message) != SQLITE_OK)
      ADD_FAILURE() << sql << ": " << message;
    sqlite3_free(message);
    return rows;
  }

  sqlite3* handle() const { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "suppressd-store-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/list.db";
  }
  ~StoreTest() override { std::filesystem::remove_all(folder_); }

  Database open(Database::Mode mode = Database::Mode::create) { return must(Database::open(path_, mode)); }
  Ledger open_ledger() const {
    return must(Ledger::open(path_, Ledger::Mode::create, Ledger::Durability::learning));
  }
  std::string error_of_opening(Database::Mode mode) {
    const auto database = Database::open(path_, mode);
    return database ? std::string() : database.error().message;
  }

  std::string folder_;
  std::string path_;
};

/// Runs `action` in a child with another user and group, and returns its text.
inline std::string as_user(uid_t uid, gid_t gid, const std::function<std::string()>& action) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    std::string text = "cannot become another user";
    if (setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0) text = action();
    const auto written = write(ends[1], text.data(), text.size());
    _exit(written < 0 ? 1 : 0);
  }
  close(ends[1]);
  std::string text;
  char buffer[512];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return text;
}

inline Suppression entry(std::string address, SuppressionKind kind, Time since = kNow) {
  Suppression row;
  row.address = std::move(address);
  row.kind = kind;
  row.category = "bad-mailbox";
  row.rule = "unknown-user";
  row.provider = "example.com";
  row.since = since;
  row.ref = "ABC123";
  row.actor = "suppressd";
  return row;
}

/// Not stored yet.
inline Evidence evidence_of(Outcome outcome) {
  return {.id = 0, .outcome = std::move(outcome)};
}

inline Outcome failure(std::string address, Time at = kNow, std::string queue_id = "4XYZ") {
  Outcome outcome;
  outcome.kind = OutcomeKind::failed;
  outcome.ended_by = EndedBy::bounced;
  outcome.address = std::move(address);
  outcome.at = at;
  outcome.message = {
      .host = "mx", .instance = "postfix", .queue_id = std::move(queue_id), .entered = at - Duration{5}};
  outcome.sender = "news@sender.example";
  outcome.first_failed = at;
  outcome.attempts = 1;
  outcome.reason = {.judgement = {.category = Category::bad_mailbox,
                                  .action = Action::hard,
                                  .weak = false,
                                  .rule = "unknown-user"},
                    .code = 550,
                    .status = {5, 1, 1},
                    .stage = Stage::rcpt,
                    .provider = "example.com",
                    .relay = "mx.example.com[192.0.2.1]:25",
                    .text = "550 5.1.1 User unknown"};
  return outcome;
}

/// Puts entries and, if one is given, their recipient into the database, on this connection.
inline void put(Database& database, const std::vector<Suppression>& entries,
                const Recipient& recipient = {}) {
  database.synchronous_full(false);
  Transaction transaction(database);
  for (const Suppression& row : entries) {
    AddressRecord record;
    record.address = row.address;
    StoredRows stored = load_record(database, record);
    record.set(row.kind, row.scope, row);
    record.recipient = recipient;
    save_record(database, record, stored);
  }
  transaction.commit();
}

}  // namespace suppressd::test
