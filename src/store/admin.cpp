#include "suppressd/store/admin.h"

#include <utility>

#include <sqlite3.h>

#include "suppressd/store/database.h"

#include "failure.h"

namespace suppressd {
namespace {

template <typename Value>
void save_value(Database& database, std::string_view name, const Value& value) {
  run(database,
      "INSERT INTO meta(name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
      " WHERE value IS NOT excluded.value",
      name, value);
}

std::optional<std::int64_t> seconds_of(Duration duration) {
  if (duration == kForever) return std::nullopt;
  return duration.count();
}

}  // namespace

Admin::Admin(Database& database) : database_(&database) {}
Admin::Admin(std::unique_ptr<Database> own) : own_(std::move(own)), database_(own_.get()) {}
Admin::Admin(Admin&&) noexcept = default;
Admin& Admin::operator=(Admin&&) noexcept = default;
Admin::~Admin() = default;

Result<Admin> Admin::open(const std::string& path) {
  auto database = Database::open(path, Database::Mode::read_only);
  if (!database) return database.error();
  return Admin(std::make_unique<Database>(std::move(*database)));
}

Status Admin::check() {
  return guarded(*database_, [&] {
    Query query(*database_, "PRAGMA quick_check(1)");
    if (query.step() && query->text(0) != "ok")
      throw StoreFailure{SQLITE_CORRUPT, std::string(query->text(0))};
  });
}

Status Admin::save(const ViewSettings& settings) {
  return guarded(*database_, [&] {
    Transaction transaction(*database_);
    save_value(*database_, "soft.stale_after", seconds_of(settings.stale_after));
    if (settings.mode) save_value(*database_, "milter.mode", *settings.mode);
    if (settings.recipient_delimiter)
      save_value(*database_, "milter.recipient_delimiter", *settings.recipient_delimiter);
    transaction.commit();
  });
}

}  // namespace suppressd
