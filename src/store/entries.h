// Lists of entries, read on any connection. Used within the layer only; one thread per Database.
#pragma once

#include <vector>

#include "suppressd/store/reader.h"

#include "database.h"

namespace suppressd {

Status each_entry(Database& database, const EntryFilter& filter, Time now, const TakeEntry& take);
Result<std::vector<Suppression>> list_entries(Database& database, const EntryFilter& filter, Time now);
Result<EntryCounts> count_entries(Database& database, Time now);

}  // namespace suppressd
