// All that is known of one address, for `suppressctl show` and `check`.
//
// Works on any connection. One thread a Database.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/address_record.h"
#include "suppressd/core/change.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/tracker.h"
#include "suppressd/store/database.h"

namespace suppressd {

struct Story {
  AddressRecord record;
  std::optional<Suppression>
      domain_entry;  ///< In force under a wider key, such as its domain; of those the one that decides.
  std::vector<Evidence> evidence;  ///< These oldest first, the newest 1000 of each.
  std::vector<Change> changes;
  std::vector<Refusal> refusals;
  std::vector<Send> open_sends;
};

/// `address` is canonical, or an entry such as `@example.com`.
Result<Story> story_of(Database& database, std::string_view address, Time now);

}  // namespace suppressd
