#include "incident_story.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "suppressd/core/normal_text.h"
#include "suppressd/core/rate.h"

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
      " ORDER BY i.closed IS NOT NULL OR i.last + iif(i.kind = 'provider', ?2, ?3) <= ?1, i.since DESC,"
      " i.id DESC";
  std::vector<IncidentSummary> rows;
  Query query(database, sql, now, std::int64_t{kIncidentSilence.count()}, std::int64_t{kOwnSilence.count()});
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

// Collects the failures of an incident.
class Failures {
 public:
  void see(const Statement& row) {
    const auto at = row.time(0);
    add(hosts_[std::string(row.text(1))], at);
    add(replies_[{static_cast<int>(row.integer(2)), std::string(row.text(3)), std::string(row.text(4)),
                  normal_text(row.text(5))}],
        at);
  }
  void see_sender(std::string_view sender, Time at) { add(senders_[sender_domain_of(sender)], at); }
  void see_recipient(std::string_view address) { recipients_.emplace(address); }

  void tell(IncidentStory& story) const {
    for (const auto& [reply, failures] : replies_) {
      const auto& [code, status, rule, text] = reply;
      story.replies.push_back({.code = code,
                               .status = parse_enhanced_status(status).value_or(EnhancedStatus{}),
                               .rule = rule,
                               .text = text,
                               .failures = failures});
    }
    for (const auto& [host, failures] : hosts_) story.hosts.push_back({.host = host, .failures = failures});
    for (const auto& [domain, failures] : senders_)
      story.senders.push_back({.domain = domain, .failures = failures});
    most_frequent_first(story.replies);
    most_frequent_first(story.hosts);
    most_frequent_first(story.senders);
    story.recipients = std::ssize(recipients_);
  }

 private:
  std::map<std::tuple<int, std::string, std::string, std::string>, IncidentFailures> replies_;
  std::map<std::string, IncidentFailures> hosts_;
  std::map<std::string, IncidentFailures> senders_;
  std::set<std::string> recipients_;
};

// The hard failures that ended while it lasted.
void read_failures(Database& database, const Incident& incident, IncidentStory& story) {
  Failures failures;
  static const auto sql =
      "SELECT at, host, code, status, rule, text FROM evidence WHERE " + std::string(kHardFailedIn);
  Query query(database, sql, incident.place.provider, incident.span.since, incident.span.end(),
              incident.place.domain);
  while (query.step()) failures.see(*query);
  failures.tell(story);
}

// What failed while it lasted: sends that ended, and those that are still open.
void read_own_failures(Database& database, const Incident& incident, IncidentStory& story) {
  Failures failures;
  const auto read = [&](const std::string& sql) {
    Query query(database, sql, incident.span.since, incident.end(), incident.place.provider,
                incident.side.host, incident.kind == IncidentKind::local);
    while (query.step()) {
      const auto sender = query->text(6);
      const auto& side = incident.side;
      if (!side.sender_domain.empty() && sender_domain_of(sender) != side.sender_domain) continue;
      if (!side.campaign.empty() && query->text(8) != side.campaign) continue;
      failures.see(*query);
      failures.see_sender(sender, query->time(0));
      failures.see_recipient(query->text(7));
    }
  };
  static const std::string kThese =
      "(?5 = 1 AND category IN ('dns', 'connection', 'bad-domain') OR ?5 = 0 AND provider = ?3"
      " AND category IN ('blocked', 'auth', 'content', 'policy', 'rate-limited')) AND (?4 = '' OR s.host = "
      "?4)";
  read(
      "SELECT at, s.host, code, status, rule, text, sender, address, campaign FROM evidence AS s"
      " WHERE at >= ?1 AND at < ?2 AND what = 'failed' AND origin = 'log' AND " +
      kThese);
  read(
      "SELECT last_failed, s.host, code, status, rule, text, coalesce(sender, ''), address, campaign"
      " FROM send AS s JOIN message AS m USING (queue_id, host, instance, entered)"
      " WHERE last_failed >= ?1 AND first_failed < ?2 AND " +
      kThese);
  failures.tell(story);
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
    if (found->incident.kind == IncidentKind::provider)
      read_failures(database, found->incident, story);
    else
      read_own_failures(database, found->incident, story);
    Query query(database,
                "SELECT s.address FROM v_entry AS s WHERE s.state = 'pending' AND s.incident = ?1"
                " AND (s.until IS NULL OR s.until > ?2) ORDER BY 1 LIMIT ?3",
                id, now, std::int64_t{IncidentStory::kPendingShown});
    while (query.step()) story.pending.emplace_back(query->text(0));
    return story;
  });
}

}  // namespace suppressd
