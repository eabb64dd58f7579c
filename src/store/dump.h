// The whole logical state as text (reader.h), from one read transaction on any connection. Used within
// the layer only; one thread per Database.
#pragma once

#include <functional>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/store/reader.h"

#include "database.h"

namespace suppressd {

/// `write` must not use the database.
Status dump(Database& database, const std::function<void(std::string_view line)>& write,
            DumpScope scope = DumpScope::all);

}  // namespace suppressd
