// All that is known of one address, read from one moment on any connection. Used within the layer only; one
// thread a Database.
#pragma once

#include <string_view>

#include "suppressd/store/database.h"
#include "suppressd/store/reader.h"

namespace suppressd {

Result<Story> story_of(Database& database, std::string_view address, Time now);

}  // namespace suppressd
