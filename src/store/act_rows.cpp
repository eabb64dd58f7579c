#include "act_rows.h"

#include "statement.h"

namespace suppressd {
namespace {

ListEventKind kind_from(std::string_view name) {
  for (const auto kind : {ListEventKind::lift, ListEventKind::undo, ListEventKind::confirm,
                          ListEventKind::add, ListEventKind::revert})
    if (name_of_act(kind) == name) return kind;
  return ListEventKind::add;
}

constexpr std::string_view kColumns =
    "SELECT act, at, actor, note, since, until, provider, category, rule, reverts, number, kind FROM act";

Act read_act(const Statement& row) {
  Act act;
  act.kind = kind_from(row.text(0));
  act.at = row.time(1);
  act.actor = row.text(2);
  act.note = row.text(3);
  act.undo = {.since = row.maybe_time(4).value_or(Time{}),
              .until = row.maybe_time(5).value_or(Time{}),
              .provider = std::string(row.text(6)),
              .category = category_from(row.text(7)),
              .rule = std::string(row.text(8))};
  act.reverts = row.integer(9);
  act.lift.kind = suppression_kind_from(row.text(11));
  return act;
}

ListEvent event_of(ListEventKind kind, Time at, std::int64_t number) {
  return {.id = {.ended = at, .kind = kind, .phase = FailurePhase::end, .message = {}, .number = number},
          .details = {}};
}

}  // namespace

std::int64_t insert_act(Database& database, const Act& act) {
  const bool undo = act.kind == ListEventKind::undo;
  run(database,
      "INSERT INTO act(act, at, actor, note, since, until, provider, category, rule, reverts, kind)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, nullif(?10, 0), ?11)",
      name_of_act(act.kind), act.at, act.actor, act.note, undo ? std::optional(act.undo.since) : std::nullopt,
      undo ? std::optional(act.undo.until) : std::nullopt, act.undo.provider,
      act.undo.category ? name_of(*act.undo.category) : std::string_view{}, act.undo.rule, act.reverts,
      act.lift.kind ? name_of(*act.lift.kind) : std::string_view{});
  return database.last_insert_id();
}

void insert_act_address(Database& database, std::string_view address, std::int64_t number, Time at) {
  run(database, "INSERT OR IGNORE INTO act_address(address, number, at) VALUES (?1, ?2, ?3)", address, number,
      at);
}

std::optional<Act> act_of(Database& database, std::int64_t number) {
  static const std::string sql = std::string(kColumns) + " WHERE number = ?1";
  Query query(database, sql, number);
  if (!query.step()) return std::nullopt;
  return read_act(*query);
}

std::vector<ListEvent> acts_on(Database& database, std::string_view address) {
  std::vector<ListEvent> events;
  Query query(
      database,
      "SELECT a.act, x.at, x.number, a.kind FROM act_address AS x JOIN act AS a ON a.number = x.number"
      " WHERE x.address = ?1 AND a.act IN ('lift', 'confirm')",
      address);
  while (query.step()) {
    auto& event = events.emplace_back(event_of(kind_from(query->text(0)), query->time(1), query->integer(2)));
    if (event.id.kind == ListEventKind::lift)
      event.details = LiftDetails{.kind = suppression_kind_from(query->text(3))};
  }
  return events;
}

std::vector<ListEvent> acts_on_list(Database& database) {
  static const std::string sql = std::string(kColumns) + " WHERE act IN ('undo', 'revert') ORDER BY number";
  std::vector<ListEvent> events;
  Query query(database, sql);
  while (query.step()) {
    auto act = read_act(*query);
    const bool any_category = query->text(7).empty();
    if (!any_category && !act.undo.category) continue;  // by hand, of a category that does not exist
    auto event = event_of(act.kind, act.at, query->integer(10));
    if (act.kind == ListEventKind::undo)
      event.details = std::move(act.undo);
    else
      event.details = RevertDetails{.host = {}, .number = act.reverts};
    events.push_back(std::move(event));
  }
  return events;
}

std::vector<std::string> addresses_of_act(Database& database, std::int64_t number) {
  std::vector<std::string> addresses;
  Query query(database, "SELECT address FROM act_address WHERE number = ?1 ORDER BY address", number);
  while (query.step()) addresses.emplace_back(query->text(0));
  return addresses;
}

}  // namespace suppressd
