#include "walk.h"

#include <chrono>

namespace suppressd {
namespace {

template <typename Value>
void set(Database& database, const std::string& name, const Value& value) {
  run(database,
      "INSERT INTO meta(name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name, value);
}

}  // namespace

Walk::Walk(Database& database, std::string_view table, Time now)
    : database_(database),
      place_("retention." + std::string(table)),
      ended_(place_ + ".ended"),
      day_(std::chrono::floor<std::chrono::days>(now)) {}

bool Walk::due() const {
  if (started()) return true;
  Query query(database_, "SELECT value FROM meta WHERE name = ?1", ended_);
  return !query.step() || query->time(0) < day_;
}

std::string Walk::place() const {
  Query query(database_, "SELECT value FROM meta WHERE name = ?1", place_);
  return query.step() ? std::string(query->text(0)) : std::string();
}

void Walk::advance(const std::optional<std::string>& last) {
  if (last) return set(database_, place_, *last);
  run(database_, "DELETE FROM meta WHERE name = ?1", place_);
  set(database_, ended_, day_);
}

bool Walk::started() const {
  return Query(database_, "SELECT 1 FROM meta WHERE name = ?1", place_).step();
}

}  // namespace suppressd
