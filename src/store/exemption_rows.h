// Rows of `exemption`. Used within the layer only.
#pragma once

#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/store/exemptions.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& exemption_sql();
/// False: it was there already. Throws StoreFailure.
bool insert_exemption(Database& database, const Exemption& exemption);
/// In the order of addresses.
Result<std::vector<Exemption>> list_exemptions(Database& database);

}  // namespace suppressd
