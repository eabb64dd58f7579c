// From an empty or older database to the tables of this program: forward only.
//
// schema.sql is always the newest version, which a new database gets. An older one is brought there by
// steps, each from one version to the next; views and triggers are made again from their files, so steps
// are about tables only. All of it is one transaction: a process that is killed in the middle leaves the
// old version.
#pragma once

#include <span>
#include <string_view>

#include "suppressd/base/result.h"

namespace suppressd {

class Database;

struct MigrationStep {
  int from;              ///< `user_version` that it starts from; it ends at `from + 1`.
  std::string_view sql;  ///< What changes in tables and indexes.
};

/// Version that this program writes to `user_version`.
int schema_version();

/// `application_id` of the file: `SUPP`.
inline constexpr int kApplicationId = 0x53555050;

/// The steps of this program, oldest first.
std::span<const MigrationStep> migration_steps();

/// Brings the database to `target` by `steps`; an empty one gets `schema` at once. Throws StoreFailure.
void migrate(Database& database, int target, std::string_view schema, std::span<const MigrationStep> steps);

/// Whether a connection may use the file. Errors: it is another program's, a copy that lost its numbers, or
/// of a newer version; and, if it cannot be migrated (`writable` false), it is empty or older.
Status check_identity(Database& database, bool writable);

}  // namespace suppressd
