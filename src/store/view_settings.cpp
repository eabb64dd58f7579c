#include "suppressd/store/view_settings.h"

#include <optional>
#include <string_view>

#include "failure.h"
#include "ledger_state.h"

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

Status Ledger::save(const ViewSettings& settings) {
  auto& database = state_->database;
  return guarded(database, [&] {
    Transaction transaction(database);
    save_value(database, "soft.stale_after", seconds_of(settings.stale_after));
    if (settings.mode) save_value(database, "milter.mode", *settings.mode);
    if (settings.recipient_delimiter)
      save_value(database, "milter.recipient_delimiter", *settings.recipient_delimiter);
    transaction.commit();
  });
}

Status Ledger::save_health(std::string_view health, Time since) {
  auto& database = state_->database;
  return guarded(database, [&] {
    Transaction transaction(database);
    save_value(database, "health", health);
    save_value(database, "health_since", since);
    transaction.commit();
  });
}

}  // namespace suppressd
