// From an empty or older database to the tables of this program: forward only.
//
// schema.sql always is the newest version, and what a new database gets. An older one is brought there by the
// steps between, each from one version to the next; views and triggers are made anew from their files, so
// steps are about tables only. All of it is one transaction: a process that is killed in the middle leaves
// the old version.
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

/// What a connection needs to know of the file before it uses it. Errors: another program's file, one of a
/// newer version; and, where it cannot be migrated (`writable` false), an empty or older one.
Status check_identity(Database& database, bool writable);

}  // namespace suppressd
