#include "breaker_rows.h"

#include <algorithm>
#include <array>
#include <exception>

#include "suppressd/base/json.h"
#include "suppressd/core/alert.h"

#include "columns.h"
#include "enforcement_rows.h"

namespace suppressd {

void columns(auto& column, RowOf<BreakerPlace> auto& place) {
  column.word("dimension", place.dimension, breaker_dimension_from);
  column("name", place.name);
}

void columns(auto& column, RowOf<Breaker> auto& breaker) {
  columns(column, breaker.place);
  column("brought_by", breaker.brought_by);
  column.word("state", breaker.state, breaker_state_from);
  column("opened", breaker.opened);
  column("since", breaker.since);
  column("until", breaker.until);
  column("pauses", breaker.pauses);
  column("why", breaker.why);
  column("alert", breaker.alert);
  column("counted_from", breaker.counted_from);
  column("actor", breaker.actor);
  column("note", breaker.note);
}

static void bind_column(Statement& statement, int index, const std::vector<std::string>& texts) {
  statement.bind(index, std::string_view{Json(texts).dump(-1, ' ', false, Json::error_handler_t::replace)});
}
static void read_column(const Statement& statement, int index, std::vector<std::string>& texts) {
  try {
    texts = Json::parse(statement.text(index)).get<std::vector<std::string>>();
  } catch (const std::exception&) {  // changed by hand
    texts.clear();
  }
}

void columns(auto& column, RowOf<TestMessage> auto& message) {
  columns(column, message.place);
  column("queue_id", message.queue_id);
  column("since", message.since);
  column("recipients", message.recipients);
  column("ended", message.ended);
  column("failed", message.failed);
}

namespace {

constexpr std::array kTags{BreakerDimension::campaign, BreakerDimension::source, BreakerDimension::account};

const TableSql& breaker_sql() {
  static const auto sql = TableSql::of<Breaker>("breaker", 2);
  return sql;
}

const TableSql& test_sql() {
  static const auto sql = TableSql::of<TestMessage>("breaker_test", 4);
  return sql;
}

// As the rates count it now: an incident may excuse a failure later on.
const std::string kDead =
    "(SELECT count(*) FROM json_each(CASE WHEN json_valid(t.failed) THEN t.failed ELSE '[]' END) AS f"
    " WHERE EXISTS (SELECT 1 FROM evidence AS e WHERE e.address = f.value AND e.queue_id = t.queue_id"
    " AND e.rate IN ('dead', 'again', 'complaint')))";

std::vector<BreakerAlert> load_breaker_alerts(Database& database) {
  std::vector<BreakerAlert> alerts;
  Query query(database,
              "SELECT a.id, a.dimension, a.name, a.what, a.opened, a.within, a.events, a.sends, b.bringer"
              " FROM alert AS a LEFT JOIN tag_bringer AS b ON b.tag = a.dimension AND b.value = a.name"
              " WHERE a.closed IS NULL AND a.level = 'critical' AND a.what IN ('hard', 'complaint')"
              " ORDER BY a.id");
  while (query.step()) {
    const auto dimension = breaker_dimension_from(query->text(1));
    if (!dimension) continue;
    const RateShare share{.events = query->integer(6), .sends = query->integer(7)};
    auto why = std::string(query->text(3) == "hard" ? "hard failures " : "complaints ") +
               percent(share.value()) + " (" + std::to_string(share.events) + " of " +
               std::to_string(share.sends) + ") in " + format_duration(Duration{query->integer(5)});
    alerts.push_back({.id = query->integer(0),
                      .place = {.dimension = *dimension, .name = std::string(query->text(2))},
                      .opened = query->time(4),
                      .why = std::move(why),
                      .brought_by = std::string(query->text(8))});
  }
  return alerts;
}

BreakerTest load_test(Database& database, const BreakerPlace& place) {
  static const std::string sql =
      "SELECT count(*), coalesce(sum(t.recipients), 0), coalesce(sum(t.ended), 0), coalesce(sum(" + kDead +
      "), 0), min(t.since) FROM breaker_test AS t WHERE t.dimension = ?1 AND t.name = ?2";
  Query query(database, sql, name_of(place.dimension), place.name);
  if (!query.step()) return {};
  return {.messages = query->integer(0),
          .sends = query->integer(1),
          .ended = query->integer(2),
          .dead = query->integer(3),
          .first = query->maybe_time(4)};
}

std::string bringer_of(Database& database, BreakerDimension dimension, std::string_view value) {
  Query query(database, "SELECT bringer FROM tag_bringer WHERE tag = ?1 AND value = ?2", name_of(dimension),
              value);
  return query.step() ? std::string(query->text(0)) : std::string{};
}

std::string* tag_of(Tags& tags, BreakerDimension dimension) {
  return const_cast<std::string*>(suppressd::tag_of(const_cast<const Tags&>(tags), dimension));
}

}  // namespace

BreakerView load_breakers(Database& database, bool with_old_tests) {
  static const std::string sql =
      "SELECT " + breaker_sql().list("b") + " FROM breaker AS b ORDER BY b.dimension, b.name";
  BreakerView view;
  {
    Query query(database, sql);
    while (query.step()) read_columns(*query, 0, view.breakers.emplace_back());
  }
  view.alerts = load_breaker_alerts(database);
  for (const auto& breaker : view.breakers) {
    if (with_old_tests || breaker.state == BreakerState::testing)
      view.tests.emplace(breaker.place, load_test(database, breaker.place));
    if (stops_mail(breaker.state))
      view.newest_alerts.emplace(breaker.place, newest_alert_of(database, breaker.place));
  }
  return view;
}

void save_breaker(Database& database, const Breaker& breaker) {
  run_row(database, breaker_sql().upsert, breaker);
}

void forget_breakers(Database& database, Time before) {
  run(database,
      "DELETE FROM breaker_test WHERE (dimension, name) IN"
      " (SELECT dimension, name FROM breaker WHERE state = 'closed' AND since < ?1)",
      before);
  run(database, "DELETE FROM breaker WHERE state = 'closed' AND since < ?1", before);
}

std::int64_t newest_alert_of(Database& database, const BreakerPlace& place) {
  Query query(database, "SELECT max(id) FROM alert WHERE dimension = ?1 AND name = ?2",
              name_of(place.dimension), place.name);
  return query.step() ? query->integer(0) : 0;
}

std::vector<TestMessage> load_test_messages(Database& database) {
  static const std::string sql = "SELECT " + test_sql().list("t") +
                                 " FROM breaker AS b JOIN breaker_test AS t USING (dimension, name)"
                                 " WHERE b.state = 'testing'";
  std::vector<TestMessage> messages;
  Query query(database, sql);
  while (query.step()) read_columns(*query, 0, messages.emplace_back());
  return messages;
}

void save_test_message(Database& database, const TestMessage& message) {
  run_row(database, test_sql().upsert, message);
}

void move_test_message(Database& database, const TestMessage& message, std::string_view queue_id,
                       Time since) {
  run(database,
      "UPDATE OR REPLACE breaker_test SET queue_id = ?5, since = ?6"
      " WHERE dimension = ?1 AND name = ?2 AND queue_id = ?3 AND since = ?4",
      name_of(message.place.dimension), message.place.name, message.queue_id, message.since, queue_id, since);
}

void forget_test_messages(Database& database, const BreakerPlace& place) {
  run(database, "DELETE FROM breaker_test WHERE dimension = ?1 AND name = ?2", name_of(place.dimension),
      place.name);
}

// A point look-up: nearly always there is no such row.
std::optional<Pause> find_pause(Database& database, const PauseQuery& query, Time now) {
  static const std::string sql =
      "SELECT b.name, b.state, b.until, b.why, " + is_off("?5") +
      ", (SELECT count(*) FROM breaker_test AS t WHERE t.dimension = b.dimension AND t.name = b.name)"
      " FROM breaker AS b WHERE b.dimension = ?1 AND b.name IN (?2, ?3) AND b.brought_by IN ('', ?4)"
      " AND b.state IN ('paused', 'testing', 'by-hand') ORDER BY b.state = 'testing' LIMIT 1";
  const auto foreign = foreign_name(query.name, query.brought_by);
  Query found(database, sql, name_of(query.dimension), query.name, foreign, query.brought_by, now);
  if (!found.step()) return std::nullopt;
  return Pause{.place = {.dimension = query.dimension, .name = std::string(found->text(0))},
               .state = breaker_state_from(found->text(1)).value_or(BreakerState::paused),
               .until = found->maybe_time(2),
               .why = std::string(found->text(3)),
               .test_messages = found->integer(5),
               .enforced = found->integer(4) == 0};
}

std::optional<Time> rates_counted_from(Database& database, std::string_view dimension,
                                       std::string_view name) {
  Query query(database, "SELECT counted_from FROM breaker WHERE dimension = ?1 AND name = ?2", dimension,
              name);
  return query.step() ? query->maybe_time(0) : std::nullopt;
}

void name_bringers(Database& database, TagNote& note, Time now) {
  if (note.brought_by.empty()) return;
  for (const auto dimension : kTags) {
    auto& value = *tag_of(note.tags, dimension);
    if (value.empty() || value == kOtherTag) continue;
    if (looks_foreign(value)) {
      value = foreign_name(value, note.brought_by);
      continue;
    }
    const auto first = bringer_of(database, dimension, value);
    if (first.empty())
      run(database, "INSERT INTO tag_bringer(tag, value, bringer, since) VALUES (?1, ?2, ?3, ?4)",
          name_of(dimension), std::string_view{value}, std::string_view{note.brought_by}, now);
    else if (first != note.brought_by)
      value = foreign_name(value, note.brought_by);
  }
  note.brought_by.clear();
}

void forget_bringers(Database& database, Time time) {
  run(database, "DELETE FROM tag_bringer WHERE since < ?1", time);
}

std::vector<std::string> queued_with_tag(Database& database, std::string_view tag) {
  std::vector<std::string> ids;
  Query query(
      database,
      "SELECT DISTINCT queue_id FROM message WHERE ?1 IN (campaign, source, account) ORDER BY queue_id", tag);
  while (query.step()) ids.emplace_back(query->text(0));
  return ids;
}

}  // namespace suppressd
