// Rows of `delivery`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "suppressd/core/reversal.h"
#include "suppressd/store/database.h"

namespace suppressd {

/// Inserts, or gives a known one what it has now.
void save_delivery(Database& database, const Delivery& delivery);
void remove_delivery(Database& database, const Delivery& delivery);

/// Deliveries to an address at or after a time, oldest first.
std::vector<Delivery> deliveries_since(Database& database, std::string_view address, Time since);
std::vector<Delivery> deliveries_of_message(Database& database, std::string_view message,
                                            std::string_view address);

}  // namespace suppressd
