#include "audit_rows.h"

#include <chrono>

#include "suppressd/base/json.h"

namespace suppressd {
namespace {

/// As the triggers write it for changes with the sqlite3 shell.
std::string json_of(const std::optional<Suppression>& entry) {
  if (!entry) return {};
  Json json;
  json["address"] = entry->address;
  json["kind"] = name_of(entry->kind);
  json["state"] = name_of(entry->state);
  json["category"] = entry->category;
  json["rule"] = entry->rule;
  json["provider"] = entry->provider;
  json["since"] = to_unix(entry->since);
  json["until"] = entry->until ? Json(to_unix(*entry->until)) : Json(nullptr);
  json["ref"] = entry->ref;
  json["evidence"] = entry->evidence_id != 0 ? Json(entry->evidence_id) : Json(nullptr);
  json["note"] = entry->note;
  json["actor"] = entry->actor;
  return Json{{"entry", json}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Suppression> entry_from(std::string_view text) {
  if (text.empty()) return std::nullopt;
  try {
    const auto json = Json::parse(text).at("entry");
    const auto word = [&](const char* name) { return json.at(name).get<std::string>(); };
    Suppression entry;
    entry.address = word("address");
    entry.kind = suppression_kind_from(word("kind")).value();
    entry.state = suppression_state_from(word("state")).value();
    entry.category = word("category");
    entry.rule = word("rule");
    entry.provider = word("provider");
    entry.since = from_unix(json.at("since"));
    if (!json.at("until").is_null()) entry.until = from_unix(json.at("until"));
    entry.ref = word("ref");
    if (!json.at("evidence").is_null()) entry.evidence_id = json.at("evidence");
    entry.note = word("note");
    entry.actor = word("actor");
    return entry;
  } catch (const std::exception&) {  // of an expunged row, or changed by hand
    return std::nullopt;
  }
}

}  // namespace

Change read_change(const Statement& statement) {
  Change change;
  change.at = statement.time(0);
  change.address = statement.text(1);
  change.act = change_act_from(statement.text(2)).value_or(ChangeAct::changed);
  change.kind = suppression_kind_from(statement.text(3));
  change.category = statement.text(4);
  change.rule = statement.text(5);
  change.provider = statement.text(6);
  change.evidence_id = statement.integer(7);
  change.actor = statement.text(8);
  change.cause = statement.text(9);
  change.before = entry_from(statement.text(10));
  change.act_number = statement.integer(11);
  return change;
}

void insert_change(Database& database, const Change& change) {
  run(database,
      "INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause, before, "
      "number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0), ?9, ?10, ?11, nullif(?12, 0))",
      change.at, change.address, name_of(change.act),
      change.kind ? name_of(*change.kind) : std::string_view{}, change.category, change.rule, change.provider,
      change.evidence_id, change.actor, change.cause, json_of(change.before), change.act_number);
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
