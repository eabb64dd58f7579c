#include "memory_table.h"

#include <cstddef>
#include <new>

#include <sqlite3.h>

#include "failure.h"

namespace suppressd {
namespace {

constexpr const char* kName = "memory_table";
constexpr int kRowsColumn = 3;

/// What a statement is given; it is read once.
struct Rows {
  DeliveryRuns::Reader& reader;
  std::size_t left;

  bool done() const { return left == 0 || reader.done(); }
};

struct Cursor : sqlite3_vtab_cursor {
  Rows* rows = nullptr;  ///< Null: it was given none.
};

Cursor& own(sqlite3_vtab_cursor* cursor) {
  return *static_cast<Cursor*>(cursor);
}

int connect(sqlite3* handle, void*, int, const char* const*, sqlite3_vtab** table, char**) {
  const int code = sqlite3_declare_vtab(handle, "CREATE TABLE x(address, at, queue_id, rows HIDDEN)");
  if (code != SQLITE_OK) return code;
  *table = new (std::nothrow) sqlite3_vtab{};
  return *table ? SQLITE_OK : SQLITE_NOMEM;
}

int disconnect(sqlite3_vtab* table) {
  delete table;
  return SQLITE_OK;
}

// Without its rows it is empty.
int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn != kRowsColumn || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (!constraint.usable) return SQLITE_CONSTRAINT;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
  }
  info->estimatedCost = 100000;
  return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  *cursor = new (std::nothrow) Cursor{};
  return *cursor ? SQLITE_OK : SQLITE_NOMEM;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete &own(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int, const char*, int arguments, sqlite3_value** values) {
  own(cursor).rows = arguments == 1 ? static_cast<Rows*>(sqlite3_value_pointer(values[0], kName)) : nullptr;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  Rows& rows = *own(cursor).rows;
  --rows.left;
  rows.reader.advance();
  return SQLITE_OK;
}

int end(sqlite3_vtab_cursor* cursor) {
  const Rows* const rows = own(cursor).rows;
  return rows == nullptr || rows->done();
}

// The text stays as it is until the next row is asked for.
void give(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int number) {
  const NewestDelivery& row = own(cursor).rows->reader.row();
  if (number == 0) give(context, row.address);
  if (number == 1) sqlite3_result_int64(context, to_unix(row.at));
  if (number == 2) give(context, row.queue_id);
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = static_cast<sqlite3_int64>(own(cursor).rows->left);
  return SQLITE_OK;
}

const sqlite3_module& module() {
  static const sqlite3_module functions = [] {
    sqlite3_module made{};
    made.xConnect = connect;
    made.xBestIndex = best_index;
    made.xDisconnect = disconnect;
    made.xOpen = open;
    made.xClose = close;
    made.xFilter = filter;
    made.xNext = next;
    made.xEof = end;
    made.xColumn = column;
    made.xRowid = row_id;
    return made;
  }();
  return functions;
}

}  // namespace

void add_memory_table(sqlite3* handle) {
  check(sqlite3_create_module_v2(handle, kName, &module(), nullptr, nullptr), handle);
}

void run_with_rows(Database& database, std::string_view sql, DeliveryRuns::Reader& rows, std::size_t limit) {
  Rows given{rows, limit};
  Query query(database, sql);
  query->bind_pointer(1, &given, kName);
  query.run();
}

}  // namespace suppressd
