// What would have been refused: rows of `refusal` with outcome `monitored`, and what became of the addresses.
#pragma once

#include "suppressd/base/result.h"
#include "suppressd/store/monitored.h"

#include "database.h"

namespace suppressd {

Result<Monitored> monitored(Database& database, Time since);

}  // namespace suppressd
