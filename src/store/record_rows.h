// All that stands of one address in `recipient`, `suppression` and `exemption`, read and written together.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "suppressd/core/delivery_runs.h"
#include "suppressd/core/history_filter.h"
#include "suppressd/core/record.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// Which rows an address had when it was read, so that those that are gone from the record are deleted.
struct StoredRows {
  bool recipient = false;
  std::array<bool, kSuppressionKinds> entries{};
};

/// Reads the address in `record.address` into the empty record. `exemptions` false: there are none at all, so
/// that nobody need look.
StoredRows load_record(Database& database, AddressRecord& record, bool exemptions = true);

/// Makes the rows equal to the record; an empty recipient has no row. Returns the rows that are there then.
/// `entries` false: none of them has changed.
StoredRows save_record(Database& database, const AddressRecord& record, const StoredRows& stored,
                       bool entries = true);

/// Sets the newest delivery of addresses of which nothing else is known.
void save_newest(Database& database, const DeliveryRuns& deliveries);

/// Of whom more is known than deliveries.
HistoryFilter load_history(Database& database);

}  // namespace suppressd
