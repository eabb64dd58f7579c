#include "cursor_rows.h"

#include <string>

namespace suppressd {
namespace {

// What read_cursor() reads.
const std::string kSelect =
    "SELECT id, kind, source, first_line, offset, digest, position, last_time, zone, swept, saved FROM "
    "cursor WHERE ";
const std::string kOfStream = kSelect + "first_line = ?1 ORDER BY saved DESC";
// A position `@...` is that of a log of which nothing was read yet.
const std::string kNewestFollowed =
    kSelect + "kind <> 'replay' AND position NOT GLOB '@*' ORDER BY saved DESC LIMIT 1";
const std::string kNewestOfSource = kSelect + "source = ?1 ORDER BY saved DESC LIMIT 1";

Cursor read_cursor(const Statement& statement) {
  Cursor cursor;
  cursor.id = statement.integer(0);
  cursor.kind = statement.text(1);
  cursor.source = statement.text(2);
  cursor.first_line = statement.text(3);
  cursor.offset = static_cast<std::uint64_t>(statement.integer(4));
  cursor.digest = statement.text(5);
  cursor.position = statement.text(6);
  cursor.last_time = statement.maybe_time(7);
  cursor.zone = statement.text(8);
  cursor.swept = statement.maybe_time(9);
  cursor.saved = statement.integer(10);
  return cursor;
}

}  // namespace

Cursor write_cursor(Database& database, Cursor cursor) {
  Query query(database,
              "INSERT INTO cursor(id, kind, source, first_line, offset, digest, position, last_time, zone, "
              "swept, saved)"
              " VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (SELECT coalesce(max(saved), 0) "
              "+ 1 FROM cursor))"
              " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, source = excluded.source, first_line = "
              "excluded.first_line,"
              " offset = excluded.offset, digest = excluded.digest, position = excluded.position, last_time "
              "= excluded.last_time,"
              " zone = excluded.zone, swept = excluded.swept, saved = excluded.saved RETURNING id, saved",
              cursor.id, cursor.kind, cursor.source, cursor.first_line,
              static_cast<std::int64_t>(cursor.offset), cursor.digest, cursor.position, cursor.last_time,
              cursor.zone, cursor.swept);
  query.step();
  cursor.id = query->integer(0);
  cursor.saved = query->integer(1);
  query.run();
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

}  // namespace suppressd
