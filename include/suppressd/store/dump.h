// The whole logical state as text, for comparing databases.
//
// Tables in a fixed order, rows by natural key, bytewise; one JSON object a line. Event times, and references
// by natural key; no row ids, cursors, gaps, paths, refusals (the milter's notes, which no log gives again),
// or times of writing. Equal states print equal bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// All of it, or what the events of the list come to: without audit, counts, and what belongs to this host.
enum class DumpScope : std::uint8_t { all, list };

/// From one read transaction, so of one moment. `write` gets lines without the line feed, and must not use
/// the database.
Status dump(Database& database, const std::function<void(std::string_view line)>& write,
            DumpScope scope = DumpScope::all);

}  // namespace suppressd
