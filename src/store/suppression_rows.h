// Rows of `suppression`: one place that knows the order of their columns.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <string>
#include <string_view>

#include "suppressd/core/address_record.h"

#include "database.h"

namespace suppressd {

/// `s.address, s.kind, ...`, for `FROM suppression AS s`, in the order of read_suppression().
inline const std::string kSuppressionColumns =
    "s.address, s.kind, s.state, s.category, s.rule, s.provider, s.since, s.until, s.ref, s.evidence, "
    "s.note, s.actor";
inline constexpr int kSuppressionColumnCount = 12;

/// Reads the columns from `first` on.
Suppression read_suppression(const Statement& statement, int first = 0);

void load_entries(Database& database, std::string_view address, AddressRecord::Entries& entries);
/// Inserts the row, or updates it if it is `stored`. The constraints on addresses, which cost more than all
/// the rest, are only checked by an insertion.
void save_entry(Database& database, const Suppression& entry, bool stored);
void remove_entry(Database& database, std::string_view address, SuppressionKind kind);

}  // namespace suppressd
