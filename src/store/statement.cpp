#include "statement.h"

#include <utility>

#include <sqlite3.h>

#include "database.h"
#include "failure.h"

namespace suppressd {

Statement::Statement(Statement&& other) noexcept : stmt_(std::exchange(other.stmt_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(stmt_, other.stmt_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(stmt_);
}

void Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(stmt_, index, value), sqlite3_db_handle(stmt_));
}

void Statement::bind(int index, std::string_view value) {
  const char* data = value.data() ? value.data() : "";
  check(sqlite3_bind_text64(stmt_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
        sqlite3_db_handle(stmt_));
}

void Statement::bind_in_place(int index, std::string_view value) {
  const char* data = value.data() ? value.data() : "";
  check(sqlite3_bind_text64(stmt_, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8),
        sqlite3_db_handle(stmt_));
}

void Statement::bind_pointer(int index, void* value, const char* type) {
  check(sqlite3_bind_pointer(stmt_, index, value, type, nullptr), sqlite3_db_handle(stmt_));
}

void Statement::bind(int index, Time value) {
  bind(index, to_unix(value));
}

void Statement::bind(int index, std::nullopt_t) {
  check(sqlite3_bind_null(stmt_, index), sqlite3_db_handle(stmt_));
}

bool Statement::step() {
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  StoreFailure failure{code, sqlite3_errmsg(sqlite3_db_handle(stmt_))};
  reset();
  throw failure;
}

void Statement::run() {
  while (step()) continue;
  reset();
}

void Statement::reset() {
  sqlite3_reset(stmt_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(stmt_, column);
}

std::string_view Statement::text(int column) const {
  // Not sqlite3_column_text(), which allocates memory for a terminator: if there is none, the text would be
  // empty.
  const int size = sqlite3_column_bytes(stmt_, column);
  const void* data = sqlite3_column_blob(stmt_, column);
  sqlite3* const handle = sqlite3_db_handle(stmt_);
  if (!data && sqlite3_errcode(handle) == SQLITE_NOMEM)
    throw StoreFailure{SQLITE_NOMEM, sqlite3_errmsg(handle)};
  if (!data) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

Time Statement::time(int column) const {
  return from_unix(integer(column));
}

std::optional<Time> Statement::maybe_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(stmt_, column) == SQLITE_NULL;
}

int Statement::columns() const {
  return sqlite3_column_count(stmt_);
}

Query::Query(Database& database, std::string_view sql) : statement_(database.prepare(sql)) {}

Query::~Query() {
  statement_.reset();
}

}  // namespace suppressd
