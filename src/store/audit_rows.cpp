#include "audit_rows.h"

#include <chrono>

#include "suppressd/base/json.h"

#include "act_rows.h"
#include "evidence_rows.h"
#include "suppression_rows.h"

namespace suppressd {
namespace {

struct ToJson {
  Json& json;
  void operator()(const char* name, const std::string& text) { json[name] = text; }
  void operator()(const char* name, std::optional<Time> time) {
    json[name] = time ? Json(to_unix(*time)) : Json(nullptr);
  }
  void word(const char* name, auto value, auto /*from*/) { json[name] = name_of(value); }
  void reference(const char* name, std::int64_t id, Dumped /*dumped*/) {
    json[name] = id != 0 ? Json(id) : Json(nullptr);
  }
};

/// Throws if a column is missing, or is not what it should be.
struct FromJson {
  const Json& json;
  void operator()(const char* name, std::string& text) { text = json.at(name); }
  void operator()(const char* name, Time& time) { time = from_unix(json.at(name)); }
  void operator()(const char* name, std::optional<Time>& time) {
    if (!json.at(name).is_null()) time = from_unix(json.at(name));
  }
  void word(const char* name, auto& value, auto from) {
    value = from(json.at(name).get<std::string>()).value();
  }
  void reference(const char* name, std::int64_t& id, Dumped /*dumped*/) {
    if (!json.at(name).is_null()) id = json.at(name);
  }
};

/// As the triggers write it for changes with the sqlite3 shell.
std::string json_of(const Suppression& entry) {
  Json json;
  ToJson write{json};
  columns(write, entry);
  return Json{{"entry", json}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Suppression> entry_from(std::string_view text) {
  if (text.empty()) return std::nullopt;
  try {
    const auto json = Json::parse(text);
    FromJson read{json.at("entry")};
    Suppression entry;
    columns(read, entry);
    return entry;
  } catch (const std::exception&) {  // of an expunged row, or changed by hand
    return std::nullopt;
  }
}

// With the evidence of the entry by its natural key.
std::string as_before(const std::string& column) {
  return "CASE WHEN " + column + " = '' THEN NULL ELSE json_replace(" + column + ", '$.entry.evidence', " +
         evidence_key(column + " ->> '$.entry.evidence'") + ") END";
}

}  // namespace

static void bind_column(Statement& statement, int index, const std::optional<Suppression>& before) {
  statement.bind(index, std::string_view{before ? json_of(*before) : std::string{}});
}
static void read_column(const Statement& statement, int index, std::optional<Suppression>& before) {
  before = entry_from(statement.text(index));
}

void columns(auto& column, RowOf<Change> auto& change) {
  column("address", change.address);
  column("at", change.at);
  column.word("act", change.act, change_act_from);
  column.word("kind", change.kind, suppression_kind_from);
  column("scope", change.scope);
  column("category", change.category);
  column("rule", change.rule);
  column("provider", change.provider);
  column.reference("evidence", change.evidence_id, evidence_key);
  column("actor", change.actor);
  column("cause", change.cause);
  column("before", change.before, as_before);
  column.reference("number", change.act_number, act_key);
}

const TableSql& change_sql() {
  static const auto sql = TableSql::of<Change>("audit");
  return sql;
}

Change read_change(const Statement& statement) {
  Change change;
  change.act = ChangeAct::changed;
  read_columns(statement, 0, change);
  return change;
}

void insert_change(Database& database, const Change& change) {
  run_row(database, change_sql().insert, change);
}

void count_expunged(Database& database, std::string_view table, std::int64_t rows, Time now) {
  if (rows == 0) return;
  const Time day = std::chrono::floor<std::chrono::days>(now);
  const std::string rule = "retention." + std::string(table);
  run(database,
      "UPDATE audit SET before = json_set(before, '$.rows', before ->> '$.rows' + ?1)"
      " WHERE address = '' AND at = ?2 AND act = 'expunged' AND rule = ?3",
      rows, day, rule);
  if (database.changes() != 0) return;
  run(database,
      "INSERT INTO audit(at, address, act, rule, actor, cause, before)"
      " VALUES (?1, '', 'expunged', ?2, 'suppressd', 'rows past their time, counted in before', "
      "json_object('table', ?3, 'rows', ?4))",
      day, rule, table, rows);
}

}  // namespace suppressd
