#include "act_rows.h"

#include "statement.h"

namespace suppressd {
namespace {

std::optional<ListEventKind> act_from(std::string_view name) {
  for (const auto kind : {ListEventKind::lift, ListEventKind::undo, ListEventKind::confirm,
                          ListEventKind::add, ListEventKind::revert, ListEventKind::reconfirm})
    if (name_of_act(kind) == name) return kind;
  return std::nullopt;
}

/// A time that only an undo has.
template <typename Value>
struct UndoTime {
  Value& time;
  bool has;
};

/// NULL: of all scopes.
template <typename Value>
struct LiftScope {
  Value& scope;
};

}  // namespace

static std::string_view name_of(ListEventKind kind) {
  return name_of_act(kind);
}

static void bind_column(Statement& statement, int index,
                        const LiftScope<const std::optional<std::string>>& of) {
  statement.bind(index, of.scope ? std::optional<std::string_view>(*of.scope) : std::nullopt);
}
static void read_column(const Statement& statement, int index,
                        const LiftScope<std::optional<std::string>>& of) {
  of.scope = statement.is_null(index) ? std::nullopt : std::optional(std::string(statement.text(index)));
}

static void bind_column(Statement& statement, int index, const UndoTime<const Time>& undo) {
  statement.bind(index, undo.has ? std::optional(undo.time) : std::nullopt);
}
static void read_column(const Statement& statement, int index, const UndoTime<Time>& undo) {
  undo.time = statement.time(index);
}

void columns(auto& column, RowOf<Act> auto& act) {
  auto& undo = act.undo;
  const bool is_undo = act.kind == ListEventKind::undo;
  column("at", act.at);
  column.word("act", act.kind, act_from);
  column.word("kind", act.lift.kind, suppression_kind_from);
  column("scope", LiftScope{act.lift.scope});
  column("actor", act.actor);
  column("note", act.note);
  column("since", UndoTime{undo.since, is_undo}, as_time);
  column("until", UndoTime{undo.until, is_undo}, as_time);
  column("provider", undo.provider);
  column.word("category", undo.category, category_from);
  column("rule", undo.rule);
  column("domain", undo.domain);
  column("text", undo.text);
  column("campaign", undo.campaign);
  column("source", undo.source);
  column("account", undo.account);
  column.reference("reverts", act.reverts, act_key);
}

const TableSql& act_sql() {
  static const auto sql = TableSql::of<Act>(
      "act", 0,
      ", 'addresses', (SELECT json_group_array(x.address)"
      " FROM (SELECT address FROM act_address WHERE number = act.number ORDER BY address) AS x)");
  return sql;
}

std::string act_key(const std::string& column) {
  return "(SELECT b.act || '|' || b.at || '|' || b.actor FROM act AS b WHERE b.number = " + column + ")";
}

namespace {

Act read_act(const Statement& row) {
  Act act;
  act.kind = ListEventKind::add;
  read_columns(row, 0, act);
  return act;
}

std::optional<std::string> scope_in(const Statement& row, int index) {
  std::optional<std::string> scope;
  read_column(row, index, LiftScope{scope});
  return scope;
}

ListEvent event_of(ListEventKind kind, Time at, std::int64_t number) {
  return {.id = {.ended = at, .kind = kind, .phase = FailurePhase::end, .message = {}, .number = number},
          .details = {}};
}

}  // namespace

std::int64_t insert_act(Database& database, const Act& act) {
  run_row(database, act_sql().insert, act);
  return database.last_insert_id();
}

void insert_act_address(Database& database, std::string_view address, std::int64_t number, Time at) {
  run(database, "INSERT OR IGNORE INTO act_address(address, number, at) VALUES (?1, ?2, ?3)", address, number,
      at);
}

std::optional<Act> act_of(Database& database, std::int64_t number) {
  static const std::string sql = "SELECT " + act_sql().list("a") + " FROM act AS a WHERE a.number = ?1";
  Query query(database, sql, number);
  if (!query.step()) return std::nullopt;
  return read_act(*query);
}

std::vector<ListEvent> acts_on(Database& database, std::string_view address) {
  std::vector<ListEvent> events;
  Query query(database,
              "SELECT a.act, x.at, x.number, a.kind, a.scope FROM act_address AS x JOIN act AS a ON a.number "
              "= x.number"
              " WHERE x.address = ?1 AND a.act IN ('lift', 'confirm', 'reconfirm')",
              address);
  while (query.step()) {
    auto& event = events.emplace_back(
        event_of(act_from(query->text(0)).value_or(ListEventKind::add), query->time(1), query->integer(2)));
    if (event.id.kind == ListEventKind::lift)
      event.details =
          LiftDetails{.kind = suppression_kind_from(query->text(3)), .scope = scope_in(*query, 4)};
  }
  return events;
}

std::vector<ListEvent> acts_on_list(Database& database) {
  static const std::string sql = "SELECT " + act_sql().list("a") +
                                 ", a.number, a.category = '' FROM act AS a"
                                 " WHERE a.act IN ('undo', 'revert') ORDER BY a.number";
  const int number = act_sql().size();
  std::vector<ListEvent> events;
  Query query(database, sql);
  while (query.step()) {
    auto act = read_act(*query);
    const bool any_category = query->integer(number + 1) != 0;
    if (!any_category && !act.undo.category) continue;  // by hand, of a category that does not exist
    auto event = event_of(act.kind, act.at, query->integer(number));
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
