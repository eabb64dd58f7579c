// Rows of `probe`: the messages that test half-open entries.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/half_open.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

const TableSql& probe_sql();

std::vector<Probe> load_probes(Database& database);
void save_probe(Database& database, const Probe& probe);
void remove_probe(Database& database, std::string_view address);
/// Removes those from before `time` of which the log does not say that they came into the queue.
void remove_unseen_probes(Database& database, Time time);

/// Whether an entry that a look-up found is half open, from columns of the same statement: SQL for `entry`,
/// the alias of its row, at the time in the parameter `now`; and what they say.
std::string half_open_columns(const std::string& entry, const std::string& now);
struct HalfOpenState {
  bool half_open = false;
  std::optional<Probe> probe;
};
HalfOpenState read_half_open(const Statement& statement, int first, const Suppression& entry, Time now);

}  // namespace suppressd
