// How many known-good addresses entries for whole domains cover.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <span>
#include <string>

#include "suppressd/store/reader.h"

#include "database.h"

namespace suppressd {

/// Reads all of `recipient` once, however many entries there are.
Coverage known_good_covered(Database& database, std::span<const std::string> domains, Time since);

}  // namespace suppressd
