// Rows of `tag_note` and `tag_value`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "suppressd/core/tag_book.h"

#include "database.h"

namespace suppressd {

std::vector<TagNote> load_tag_notes(Database& database);
void save_tag_notes(Database& database, const TagChanges& changes);
/// In `meta`.
void count_lost_tags(Database& database, std::uint64_t lost);

// A milter begins to take tags, stores notes, and ends. Where it did not end, open_tags() returns when.
std::optional<TagGap> open_tags(Database& database, Time now);
void note_tags_open(Database& database, Time newest);
void close_tags(Database& database);
/// The newest gap.
std::optional<TagGap> tag_gap(Database& database);

/// Replaces values that are too many new ones of the account on that day by kOtherTag.
void bound_tags(Database& database, Tags& tags, Time now);
bool admit_sender_domain(Database& database, std::string_view domain, Time day);
void forget_tag_values(Database& database, Time time);

}  // namespace suppressd
