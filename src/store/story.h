// All that is known of one address, from one read transaction on any connection. Used within the layer
// only; one thread per Database.
#pragma once

#include <string_view>

#include "suppressd/store/reader.h"

#include "database.h"

namespace suppressd {

Result<Story> story_of(Database& database, std::string_view address, Time now);

}  // namespace suppressd
