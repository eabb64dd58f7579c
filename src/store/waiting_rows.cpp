#include "waiting_rows.h"

#include <string>
#include <utility>

#include "suppressd/core/address.h"
#include "suppressd/core/outcome_json.h"

#include "cursor_rows.h"
#include "statement.h"

namespace suppressd {
namespace {

bool is_canonical(const std::string& address) {
  std::string canonical;
  return make_canonical(address, canonical) && canonical == address;
}

}  // namespace

bool insert_waiting(Database& database, const Outcome& outcome) {
  run(database, "INSERT OR IGNORE INTO waiting(at, outcome) VALUES (?1, ?2)", outcome.at, json_of(outcome));
  return database.changes() != 0;
}

std::vector<Outcome> take_waiting(Database& database, Time until, std::int64_t limit) {
  std::vector<std::pair<Time, std::string>> rows;
  {
    Query query(database, "SELECT at, outcome FROM waiting WHERE at <= ?1 ORDER BY at, outcome LIMIT ?2",
                until, limit);
    while (query.step()) rows.emplace_back(query->time(0), query->text(1));
  }
  std::vector<Outcome> outcomes;
  for (const auto& [at, json] : rows) {
    run(database, "DELETE FROM waiting WHERE at = ?1 AND outcome = ?2", at, json);
    auto outcome = outcome_from(json);
    if (outcome && (outcome->at != at || !is_canonical(outcome->address)))
      outcome = Error{"its time is not that of the row, or its address is not canonical"};
    if (outcome)
      outcomes.push_back(std::move(*outcome));
    else
      insert_gap(database,
                 {.from = at,
                  .to = at,
                  .source = "waiting",
                  .reason = "an event that waited for the clock cannot be read: " + outcome.error().message});
  }
  return outcomes;
}

}  // namespace suppressd
