#include "suppressd/store/admin.h"

#include <utility>

#include <sqlite3.h>

#include "database.h"
#include "failure.h"

namespace suppressd {

Admin::Admin(Database database) : database_(std::make_unique<Database>(std::move(database))) {}
Admin::Admin(Admin&&) noexcept = default;
Admin& Admin::operator=(Admin&&) noexcept = default;
Admin::~Admin() = default;

Result<Admin> Admin::open(const std::string& path) {
  auto database = Database::open(path, Database::Mode::read_only);
  if (!database) return database.error();
  return Admin(std::move(*database));
}

Status Admin::check() {
  return guarded(*database_, [&] {
    Query query(*database_, "PRAGMA quick_check(1)");
    if (query.step() && query->text(0) != "ok")
      throw StoreFailure{SQLITE_CORRUPT, std::string(query->text(0))};
  });
}

}  // namespace suppressd
