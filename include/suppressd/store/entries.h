// Lists of entries, and the headers of all else that people ask and change.
//
// Readers work on any connection. One thread a Database.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/suppression.h"
#include "suppressd/store/database.h"
#include "suppressd/store/dump.h"
#include "suppressd/store/exemptions.h"
#include "suppressd/store/retention.h"
#include "suppressd/store/story.h"

namespace suppressd {

struct EntryFilter {
  std::string address;  ///< Exact; empty: any. For the others empty or nullopt: any.
  std::string kind;
  std::string category;
  std::string provider;
  std::string rule;
  std::optional<Time> since;  ///< Entries that began at or after.
  std::optional<Time> until;  ///< Entries that began before.
  bool pending = false;       ///< Only pending ones; else those that refuse mail: in force and not exempt.
  bool ended = false;         ///< Also those that ran out or were lifted, and exempt ones.
};

/// In the order of address and kind. `take` must not use the database.
Status each_entry(Database& database, const EntryFilter& filter, Time now,
                  const std::function<void(const Suppression&)>& take);
Result<std::vector<Suppression>> list_entries(Database& database, const EntryFilter& filter, Time now);

/// How many entries refuse mail now, and how many wait for confirmation.
struct EntryCounts {
  std::int64_t in_force = 0;
  std::int64_t pending = 0;
};
Result<EntryCounts> count_entries(Database& database, Time now);

}  // namespace suppressd
