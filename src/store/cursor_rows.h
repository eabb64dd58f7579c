// Rows of `cursor`: how far each log was read.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "suppressd/core/cursor.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// Inserts (id 0) or updates; returns the row's id.
std::int64_t write_cursor(Database& database, const Cursor& cursor);
/// Newest first.
std::vector<Cursor> cursors_of_stream(Database& database, std::string_view first_line);
std::optional<Cursor> newest_cursor_of(Database& database, std::string_view source);

}  // namespace suppressd
