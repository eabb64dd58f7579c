// Rows of `refusal` and of `refusal_day`, what is left of them later.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "suppressd/core/refusal.h"

#include "database.h"

namespace suppressd {

/// `f.at, f.address, ...`, for `FROM refusal AS f`, in the order of read_refusal().
inline const std::string kRefusalColumns =
    "f.at, f.address, f.sender, f.queue_id, f.client, f.kind, f.category, f.ref, f.outcome";
Refusal read_refusal(const Statement& statement);

/// `dropped` notes that were lost are counted on the day of the newest note, or today.
void insert_refusals(Database& database, const std::vector<Refusal>& refusals, std::uint64_t dropped);

}  // namespace suppressd
