#include "host_state.h"

#include <chrono>

#include "columns.h"
#include "cursor_rows.h"
#include "failure.h"
#include "refusal_rows.h"

namespace suppressd {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

std::int64_t number(Query&& query) {
  return query.step() ? query->integer(0) : 0;
}

void read_log(Database& database, Time since, HostState& state) {
  state.cursors = all_cursors(database);
  Query gaps(
      database,
      "SELECT lost_from, lost_to, source, reason FROM gap WHERE lost_to >= ?1 ORDER BY lost_to DESC, id DESC",
      since);
  while (gaps.step())
    state.gaps.push_back(
        {gaps->time(0), gaps->time(1), std::string(gaps->text(2)), std::string(gaps->text(3))});
  Query lines(
      database,
      "SELECT coalesce(sum(understood), 0), coalesce(sum(ignored), 0), coalesce(sum(not_understood), 0)"
      " FROM line_count WHERE day >= ?1",
      format_date(since));
  if (lines.step()) state.lines = {lines->integer(0), lines->integer(1), lines->integer(2)};
  Query waiting(database, "SELECT count(*), max(at) FROM waiting");
  if (waiting.step()) {
    state.waiting = waiting->integer(0);
    state.farthest = waiting->maybe_time(1);
  }
}

void read_list(Database& database, std::int64_t threshold, Time now, HostState& state) {
  Query kinds(
      database,
      "SELECT kind, count(*) FROM suppression WHERE state = 'active' AND (until IS NULL OR until > ?1)"
      " GROUP BY kind ORDER BY count(*) DESC, kind",
      now);
  while (kinds.step()) state.kinds.push_back({std::string(kinds->text(0)), kinds->integer(1)});
  state.pending = number(Query(
      database, "SELECT count(*) FROM suppression WHERE state = 'pending' AND (until IS NULL OR until > ?1)",
      now));
  Query streaks(database, "SELECT count(*), count(*) FILTER (WHERE streak >= ?1 - 1) FROM v_streak",
                threshold);
  if (streaks.step()) {
    state.streaks = streaks->integer(0);
    state.at_risk = streaks->integer(1);
  }
}

void read_milter(Database& database, Time now, HostState& state) {
  static const std::string newest =
      "SELECT " + refusal_sql().list("r") + " FROM refusal AS r ORDER BY r.at DESC, r.id DESC LIMIT 1";
  Query last(database, newest);
  if (last.step()) state.last_refusal = read_refusal(*last);
  state.refusals = number(Query(database, "SELECT count(*) FROM refusal WHERE at > ?1", now - kDay));
  Query mode(database, "SELECT value FROM meta WHERE name = 'milter.mode'");
  if (mode.step()) state.mode = mode->text(0);
  Query health(database, "SELECT value FROM meta WHERE name = 'health'");
  if (health.step()) state.health = health->text(0);
  Query since(database, "SELECT value FROM meta WHERE name = 'health_since'");
  if (since.step()) state.health_since = since->maybe_time(0);
}

}  // namespace

Result<HostState> host_state(Database& database, Time since, std::int64_t threshold, Time now) {
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    HostState state;
    read_log(database, since, state);
    read_list(database, threshold, now, state);
    read_milter(database, now, state);
    return state;
  });
}

}  // namespace suppressd
