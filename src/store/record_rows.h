// All rows of one address: `recipient`, `suppression`, `evidence`, `act_address`, and who is exempt.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/address_record.h"
#include "suppressd/store/ledger.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& recipient_sql();

/// Which rows an address had when it was read, so that those no longer in the record are deleted.
struct StoredRows {
  bool recipient = false;
  AddressRecord::Entries entries;
  std::vector<Suppression> scoped;
};

/// Reads everything but the fold's state, which the caller makes, and the exemption, which is not its own.
StoredRows load_record(Database& database, AddressRecord& record);

/// Makes the rows equal to the record. If nothing is known of the address, it has no row in `recipient`.
/// Evidence and acts are written elsewhere, when they are taken.
void save_record(Database& database, const AddressRecord& record, StoredRows& stored);

/// Adds deliveries to an address that has only deliveries, and counts them; what `tallies.domains` has
/// counted and was known before, it forgets. To an address that has no row only if they are to be remembered.
/// False: the address has other events, and nothing was done.
bool add_deliveries(Database& database, std::string_view address,
                    std::span<const GatheredDelivery> deliveries, const DeliveryTallies& tallies,
                    bool remember);

}  // namespace suppressd
