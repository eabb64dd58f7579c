// Rows of `cursor` and `gap`: how far each log was read, and what of it is lost.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "suppressd/core/cursor.h"

#include "database.h"

namespace suppressd {

/// Inserts (id 0) or updates; returns it with the row's id and state.
Cursor write_cursor(Database& database, Cursor cursor);
/// Another process has read on in this stream since the cursor was stored or looked up.
bool is_overtaken(Database& database, const Cursor& cursor);
void insert_gap(Database& database, const Gap& gap);
/// Newest first.
std::vector<Cursor> cursors_of_stream(Database& database, std::string_view first_line);
std::optional<Cursor> newest_cursor_of(Database& database, std::string_view source);
std::optional<Cursor> newest_followed_cursor(Database& database);
/// Newest first.
std::vector<Cursor> all_cursors(Database& database);

}  // namespace suppressd
