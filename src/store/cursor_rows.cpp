#include "cursor_rows.h"

#include <string>

#include "columns.h"

namespace suppressd {

void columns(auto& column, RowOf<Cursor> auto& cursor) {
  column.reference("id", cursor.id, kNotDumped);
  column("kind", cursor.kind);
  column("source", cursor.source);
  column("first_line", cursor.first_line);
  column("offset", cursor.offset);
  column("digest", cursor.digest);
  column("position", cursor.position);
  column("last_time", cursor.last_time);
  column("zone", cursor.zone);
  column("swept", cursor.swept);
  column("saved", cursor.saved);
}

namespace {

const TableSql kCursor = TableSql::of<Cursor>("cursor", 1);
const std::string kSelect = "SELECT " + kCursor.list("c") + " FROM cursor AS c WHERE ";
const std::string kAll = kSelect + "1 ORDER BY c.saved DESC";
const std::string kOfStream = kSelect + "c.first_line = ?1 ORDER BY c.saved DESC";
// A position `@...` is that of a log of which nothing was read yet.
const std::string kNewestFollowed =
    kSelect + "c.kind <> 'replay' AND c.position NOT GLOB '@*' ORDER BY c.saved DESC LIMIT 1";
const std::string kNewestOfSource = kSelect + "c.source = ?1 ORDER BY c.saved DESC LIMIT 1";

Cursor read_cursor(const Statement& statement) {
  Cursor cursor;
  read_columns(statement, 0, cursor);
  return cursor;
}

}  // namespace

Cursor write_cursor(Database& database, Cursor cursor) {
  {
    Query newest(database, "SELECT coalesce(max(saved), 0) FROM cursor");
    newest.step();
    cursor.saved = newest->integer(0) + 1;
  }
  run_row(database, kCursor.upsert, cursor);
  if (cursor.id == 0) cursor.id = database.last_insert_id();
  return cursor;
}

bool is_overtaken(Database& database, const Cursor& cursor) {
  Query query(database,
              "SELECT 1 FROM cursor WHERE id = ?1 AND saved <> ?2"
              " UNION ALL SELECT 1 FROM cursor WHERE ?1 = 0 AND ?3 <> '' AND first_line = ?3 AND saved > ?2",
              cursor.id, cursor.saved, cursor.first_line);
  return query.step();
}

void insert_gap(Database& database, const Gap& gap) {
  run(database, "INSERT INTO gap(lost_from, lost_to, source, reason) VALUES (?1, ?2, ?3, ?4)", gap.from,
      gap.to, gap.source, gap.reason);
}

std::vector<Cursor> cursors_of_stream(Database& database, std::string_view first_line) {
  Query query(database, kOfStream, first_line);
  std::vector<Cursor> cursors;
  while (query.step()) cursors.push_back(read_cursor(*query));
  return cursors;
}

std::optional<Cursor> newest_cursor_of(Database& database, std::string_view source) {
  Query query(database, kNewestOfSource, source);
  if (!query.step()) return std::nullopt;
  return read_cursor(*query);
}

std::optional<Cursor> newest_followed_cursor(Database& database) {
  Query query(database, kNewestFollowed);
  if (!query.step()) return std::nullopt;
  return read_cursor(*query);
}

std::vector<Cursor> all_cursors(Database& database) {
  Query query(database, kAll);
  std::vector<Cursor> cursors;
  while (query.step()) cursors.push_back(read_cursor(*query));
  return cursors;
}

}  // namespace suppressd
