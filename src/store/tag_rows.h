// Rows of `tag_note` and `tag_value`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <vector>

#include "suppressd/core/tag_book.h"

#include "database.h"

namespace suppressd {

std::vector<TagNote> load_tag_notes(Database& database);
void save_tag_notes(Database& database, const TagChanges& changes);
/// In `meta`.
void count_lost_tags(Database& database, std::uint64_t count);

/// Replaces values that are too many new ones of the account on that day by kOtherTag.
void bound_tags(Database& database, Tags& tags, Time now);
void forget_tag_values(Database& database, Time time);

}  // namespace suppressd
