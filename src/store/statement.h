// Prepared statements: bind, step, read.
//
// A Statement belongs to its Database and is kept there, prepared; a Query is one use of it. Both throw
// StoreFailure, which does not leave the layer. They belong to the thread of their Database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "suppressd/base/time.h"

struct sqlite3_stmt;

namespace suppressd {

class Database;

/// Thrown inside `store` only; every public function of the layer turns it into an Error.
struct StoreFailure {
  int code;  ///< Extended SQLite result code.
  std::string message;
};

/// Owns one prepared statement. Parameters and columns are numbered as SQLite does: parameters from 1,
/// columns from 0.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* stmt) : stmt_(stmt) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view value);  ///< Copied (SQLITE_TRANSIENT).
  void bind_in_place(int index,
                     std::string_view value);  ///< Not copied: must stay until the statement was run.
  void bind_pointer(int index, void* value,
                    const char* type);  ///< sqlite3_bind_pointer(); `type` is a string literal.
  void bind(int index, Time value);
  void bind(int index, std::nullopt_t);
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    if (value)
      bind(index, *value);
    else
      bind(index, std::nullopt);
  }

  /// True: a row stands ready; false: done. Throws StoreFailure on error.
  bool step();
  void run();  ///< step() to the end and reset().
  void reset();

  std::int64_t integer(int column) const;
  std::string_view text(int column) const;  ///< Valid until the next step or reset. NULL gives an empty view.
  Time time(int column) const;
  std::optional<Time> maybe_time(int column) const;  ///< NULL gives nullopt.
  bool is_null(int column) const;
  int columns() const;  ///< How many a row has.

 private:
  sqlite3_stmt* stmt_ = nullptr;
};

/// One use of a statement that the database keeps: binds the values in order, and resets the statement when
/// it goes out of scope, so that no read transaction stays open behind an exception.
///   Query query(database, "SELECT ... WHERE address = ?1", address);
///   while (query.step()) use(query->text(0));
class Query {
 public:
  template <typename... Values>
  Query(Database& database, std::string_view sql, const Values&... values) : Query(database, sql) {
    int index = 0;
    (statement_.bind(++index, values), ...);
  }
  Query(Database& database, std::string_view sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool step() { return statement_.step(); }
  void run() { statement_.run(); }
  Statement* operator->() { return &statement_; }
  Statement& operator*() { return statement_; }

 private:
  Statement& statement_;
};

/// Runs a statement that gives no rows. Copies no text, so that it costs less than a Query.
template <typename... Values>
void run(Database& database, std::string_view sql, const Values&... values) {
  Query query(database, sql);
  [[maybe_unused]] int index = 0;
  [[maybe_unused]] const auto bind = [&](const auto& value) {
    if constexpr (std::is_convertible_v<decltype(value), std::string_view>)
      query->bind_in_place(++index, value);
    else
      query->bind(++index, value);
  };
  (bind(values), ...);
  query.run();
}

}  // namespace suppressd
