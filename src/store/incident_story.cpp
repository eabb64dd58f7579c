#include "incident_story.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "suppressd/core/normal_text.h"

#include "entries.h"
#include "failure.h"
#include "incident_rows.h"

namespace suppressd {
namespace {

IncidentSummary read_summary(const Statement& statement) {
  IncidentSummary summary;
  read_columns(statement, 0, summary.incident);
  summary.read = statement.integer(incident_sql().size()) != 0;
  summary.pending = statement.integer(incident_sql().size() + 1);
  return summary;
}

std::vector<IncidentSummary> summaries(Database& database, Time now) {
  static const std::string sql =
      "SELECT " + incident_sql().list("i") +
      ", i.read, coalesce(p.entries, 0) FROM incident AS i LEFT JOIN"
      " (SELECT s.incident AS id, count(*) AS entries FROM v_entry AS s"
      " WHERE s.state = 'pending' AND (s.until IS NULL OR s.until > ?1) GROUP BY 1) AS p ON p.id = i.id"
      " ORDER BY i.closed IS NOT NULL OR i.last + ?2 <= ?1, i.since DESC, i.id DESC";
  std::vector<IncidentSummary> rows;
  Query query(database, sql, now, std::int64_t{kIncidentSilence.count()});
  while (query.step()) rows.push_back(read_summary(*query));
  return rows;
}

void add(IncidentFailures& failures, Time at) {
  if (failures.count == 0 || at < failures.first) failures.first = at;
  if (failures.count == 0 || at > failures.last) failures.last = at;
  ++failures.count;
}

template <typename Row>
void most_frequent_first(std::vector<Row>& rows) {
  std::ranges::stable_sort(rows,
                           [](const Row& a, const Row& b) { return a.failures.count > b.failures.count; });
}

// The hard failures that ended while it lasted.
void read_failures(Database& database, const Incident& incident, IncidentStory& story) {
  std::map<std::tuple<int, std::string, std::string, std::string>, IncidentFailures> replies;
  std::map<std::string, IncidentFailures> hosts;
  static const auto sql =
      "SELECT at, host, code, status, rule, text FROM evidence WHERE " + std::string(kHardFailedIn);
  Query query(database, sql, incident.place.provider, incident.span.since, incident.span.end(),
              incident.place.domain);
  while (query.step()) {
    const auto at = query->time(0);
    add(hosts[std::string(query->text(1))], at);
    add(replies[{static_cast<int>(query->integer(2)), std::string(query->text(3)),
                 std::string(query->text(4)), normal_text(query->text(5))}],
        at);
  }
  for (const auto& [reply, failures] : replies) {
    const auto& [code, status, rule, text] = reply;
    story.replies.push_back({.code = code,
                             .status = parse_enhanced_status(status).value_or(EnhancedStatus{}),
                             .rule = rule,
                             .text = text,
                             .failures = failures});
  }
  for (const auto& [host, failures] : hosts) story.hosts.push_back({.host = host, .failures = failures});
  most_frequent_first(story.replies);
  most_frequent_first(story.hosts);
}

}  // namespace

Result<std::vector<IncidentSummary>> list_incidents(Database& database, Time now) {
  return guarded(database, [&] { return summaries(database, now); });
}

Result<std::optional<IncidentStory>> incident_story(Database& database, std::int64_t id, Time now) {
  return guarded(database, [&]() -> std::optional<IncidentStory> {
    const ReadTransaction one_moment(database);
    const auto all = summaries(database, now);
    const auto found =
        std::ranges::find(all, id, [](const IncidentSummary& summary) { return summary.incident.id; });
    if (found == all.end()) return std::nullopt;
    IncidentStory story{.summary = *found, .replies = {}, .hosts = {}, .pending = {}};
    read_failures(database, found->incident, story);
    Query query(database,
                "SELECT s.address FROM v_entry AS s WHERE s.state = 'pending' AND s.incident = ?1"
                " AND (s.until IS NULL OR s.until > ?2) ORDER BY 1 LIMIT ?3",
                id, now, std::int64_t{IncidentStory::kPendingShown});
    while (query.step()) story.pending.emplace_back(query->text(0));
    return story;
  });
}

}  // namespace suppressd
