#include "migration.h"

#include <array>
#include <string>
#include <vector>

#include "database.h"
#include "failure.h"

namespace suppressd {

extern const std::string_view kSchema;    // schema.sql
extern const std::string_view kViews;     // views.sql
extern const std::string_view kTriggers;  // triggers.sql

namespace {

constexpr int kVersion = 1;

int pragma(Database& database, std::string_view sql) {
  Query query(database, sql);
  return query.step() ? static_cast<int>(query->integer(0)) : 0;
}

int user_version(Database& database) {
  return pragma(database, "PRAGMA user_version");
}

bool has_tables(Database& database) {
  return Query(database, "SELECT 1 FROM sqlite_schema LIMIT 1").step();
}

bool has_suppressions(Database& database) {
  return Query(database, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'suppression'").step();
}

void drop_views_and_triggers(Database& database) {
  std::vector<std::string> drops;
  {
    Query query(database,
                "SELECT 'DROP ' || type || ' \"' || name || '\"' FROM sqlite_schema WHERE type IN ('view', "
                "'trigger')");
    while (query.step()) drops.emplace_back(query->text(0));
  }
  for (const std::string& sql : drops) database.execute(sql);
}

}  // namespace

int schema_version() {
  return kVersion;
}

std::span<const MigrationStep> migration_steps() {
  return {};
}

void migrate(Database& database, int target, std::string_view schema, std::span<const MigrationStep> steps) {
  database.roll_back();  // If an earlier roll-back failed for lack of memory, this connection still sees
                         // the new version, which does not exist.
  if (user_version(database) == target) return;
  Transaction transaction(database);
  const int version = user_version(database);  // Another process may have migrated it meanwhile.
  if (version == target) return;
  drop_views_and_triggers(database);
  if (version == 0) {
    database.execute(std::string(schema));
    database.execute("PRAGMA application_id = " + std::to_string(kApplicationId));
  } else {
    for (const MigrationStep& step : steps)
      if (step.from >= version && step.from < target) database.execute(std::string(step.sql));
  }
  database.execute(std::string(kViews));
  database.execute(std::string(kTriggers));
  database.execute("PRAGMA user_version = " + std::to_string(target));
  transaction.commit();
}

Status check_identity(Database& database, bool writable) {
  const std::string where = "database " + database.path() + ": ";
  const ReadTransaction one_moment(database);
  const int version = user_version(database);
  const int application = pragma(database, "PRAGMA application_id");
  const bool lacks_a_number = application == 0 || (application == kApplicationId && version == 0);
  if (lacks_a_number && has_suppressions(database))
    return Error{where +
                 "it lacks its application_id or user_version, as a copy made with .dump does: set them as "
                 "suppressd-database(7), \"A damaged database\", shows"};
  if (application != kApplicationId) {
    if (version != 0 || application != 0 || has_tables(database))
      return Error{
          where +
          "the file belongs to another program: name the right one in database.path, or move this one away"};
    if (!writable)
      return Error{where +
                   "the file is empty: start suppressd, or add an entry with suppressctl, to fill it"};
    return {};
  }
  if (version > kVersion)
    return Error{where + "it is of version " + std::to_string(version) +
                 " and this program knows versions up to " + std::to_string(kVersion) +
                 ": install the newer suppressd that wrote it"};
  if (version < kVersion && !writable)
    return Error{where + "it is of version " + std::to_string(version) + " and this program needs version " +
                 std::to_string(kVersion) +
                 ": start this version of suppressd once, which brings it up to date"};
  return {};
}

}  // namespace suppressd
