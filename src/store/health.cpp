#include "suppressd/store/health.h"

#include <sqlite3.h>

#include "failure.h"

namespace suppressd {

Status check_integrity(Database& database) {
  return guarded(database, [&] {
    Query query(database, "PRAGMA quick_check(1)");
    if (query.step() && query->text(0) != "ok")
      throw StoreFailure{SQLITE_CORRUPT, std::string(query->text(0))};
  });
}

}  // namespace suppressd
