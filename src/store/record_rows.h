// All rows of one address: `recipient`, `suppression`, `evidence`, `act_address`, and who is exempt.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/core/address_record.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// Which rows an address had when it was read, so that those that are gone from the record are deleted.
struct StoredRows {
  bool recipient = false;
  AddressRecord::Entries entries;
};

/// Reads all but the fold's state, which is the caller's to make. `exemptions` false: there are none at all,
/// so that nobody need look.
StoredRows load_record(Database& database, AddressRecord& record, bool exemptions = true);
/// The row alone, for showing.
Recipient load_recipient(Database& database, std::string_view address);

/// Makes the rows equal to the record; a recipient of which nothing is known has no row. Evidence and acts are
/// written by those who take them.
void save_record(Database& database, const AddressRecord& record, StoredRows& stored);

/// Adds deliveries to an address of which nothing but deliveries is known. False: more is known of it, and
/// nothing was done.
bool add_deliveries(Database& database, std::string_view address, std::span<const EventId> deliveries);

}  // namespace suppressd
