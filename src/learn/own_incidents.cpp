#include "suppressd/learn/own_incidents.h"

#include <algorithm>
#include <iterator>

#include "suppressd/core/normal_text.h"
#include "suppressd/core/rate.h"

namespace suppressd {
namespace {

constexpr std::size_t kTextLimit = 200;

Time end_of(const IncidentSpan& span) {
  return span.closed.value_or(span.last + kOwnSilence);
}

bool overlap(const IncidentSpan& a, const IncidentSpan& b) {
  return a.since < end_of(b) && b.since < end_of(a);
}

}  // namespace

Status OwnIncidents::load(Batch& batch) {
  forget();
  auto incidents = batch.own_incidents();
  if (!incidents) return incidents.error();
  for (auto& incident : *incidents) {
    if (incident.kind == IncidentKind::sender) of_provider(incident.place.provider).any_row = true;
    Group group{incident.kind, incident.place.provider, incident.side};
    rows_[std::move(group)].push_back({.incident = std::move(incident)});
  }
  auto attempts = batch.local_attempts();
  if (!attempts) return attempts.error();
  for (auto& row : *attempts) {
    auto& counts = of_host(row.host);
    counts.newest = std::max(counts.newest, row.start);
    counts.attempts.load(row.start, Sample::from(row.domains));
  }
  auto sends = batch.sender_sends();
  if (!sends) return sends.error();
  for (auto& row : *sends) {
    auto& newest = of_host(row.side.host).newest;
    newest = std::max(newest, row.start);
    auto& counts = of_provider(row.provider).sends;
    if (row.text.empty())
      counts.load(row.start, row.side, row.others);
    else
      counts.load(row.start, row.side, row.text,
                  {.sends = Sample::from(row.sends), .example = std::move(row.example), .changed = false});
  }
  list_ranges();
  return {};
}

OwnIncidents::Host& OwnIncidents::of_host(std::string_view name) {
  if (newest_host_ != nullptr && newest_host_->first == name) return newest_host_->second;
  auto known = hosts_.find(name);
  if (known == hosts_.end()) known = hosts_.try_emplace(std::string(name)).first;
  newest_host_ = &*known;
  return known->second;
}

OwnIncidents::Provider& OwnIncidents::of_provider(std::string_view name) {
  const auto known = providers_.find(name);
  return known != providers_.end() ? known->second : providers_.try_emplace(std::string(name)).first->second;
}

void OwnIncidents::turn(std::string_view host, Time at) {
  auto& counts = of_host(host);
  counts.newest = own_bucket(at);
  counts.turned = true;
  const auto before = counts.newest - kOwnCountsKept;
  counts.attempts.forget(before);
  for (auto known = providers_.begin(); known != providers_.end();) {
    const bool any = known->second.sends.forget(host, before) || known->second.any_row;
    known = any ? std::next(known) : providers_.erase(known);
  }
}

void OwnIncidents::add_first(std::string_view host, std::string_view domain, Time at, bool failed) {
  auto& counts = of_host(host);
  if (own_bucket(at) < counts.newest - kOwnCountsKept) return;
  if (counts.attempts.add(domain, at, failed)) counts.suspect = true;
}

void OwnIncidents::add_ended(std::string_view provider, const OurSide& side, Time at, std::int64_t count) {
  if (own_bucket(at) < of_host(side.host).newest - kOwnCountsKept) return;
  auto& counts = of_provider(provider);
  counts.sends.add_other(side, at, count);
  counts.unsaved.insert(own_bucket(at));
  if (!counts.any_row) return;
  counts.suspect.insert(side.host);
  suspects_.emplace(provider);
}

void OwnIncidents::add_blamed(const FailedAttempt& attempt) {
  const auto bucket = own_bucket(attempt.at);
  if (bucket < of_host(attempt.host).newest - kOwnCountsKept) return;
  const auto& reason = *attempt.reason;
  auto& counts = of_provider(reason.provider);
  auto text = clean(normal_text(reason.text), kTextLimit);
  if (text.empty()) text = std::string(name_of(reason.judgement.category));
  const auto send = stable_hash(attempt.address, stable_hash(attempt.queue_id, stable_hash(attempt.host)));
  if (!counts.sends.add_blamed({.host = attempt.host,
                                .sender_domain = sender_domain_of(attempt.sender),
                                .campaign = attempt.campaign},
                               attempt.at, send, std::move(text), reason.text))
    return;
  counts.unsaved.insert(bucket);
  counts.suspect.insert(attempt.host);
  suspects_.insert(reason.provider);
}

bool OwnIncidents::is_judged(const Row& row, const Period& period) {
  const auto& incident = row.incident;
  if (!incident.closed_by.empty() || incident.span.opened > period.up_to) return false;
  return !incident.span.closed || *incident.span.closed > period.from;
}

OwnState OwnIncidents::known(std::span<const Row> rows, const Period& period) const {
  OwnState state;
  for (const auto& row : rows) {
    const auto& span = row.incident.span;
    if (span.opened > period.up_to) continue;
    if (!is_judged(row, period)) {
      state.begin = std::max(state.begin, *span.closed);
      if (*span.closed > period.from - kSenderWindow) state.closed.push_back(span);
    } else if (span.opened <= period.from) {
      state.open = span;
      state.open->closed.reset();
      state.open->last = std::min(span.last, period.from);
    }
  }
  return state;
}

std::vector<OwnRange> OwnIncidents::judge() {
  std::vector<OwnRange> changed;
  for (auto& [name, counts] : hosts_)
    if (std::exchange(counts.suspect, false)) judge_host(name, counts, changed);
  for (const auto& name : std::exchange(suspects_, {})) {
    const auto known = providers_.find(name);
    if (known == providers_.end()) continue;
    for (const auto& host : std::exchange(known->second.suspect, {}))
      judge_provider(name, known->second, host, changed);
  }
  if (std::exchange(rows_changed_, false)) list_ranges();
  return changed;
}

void OwnIncidents::judge_host(const std::string& name, Host& counts, std::vector<OwnRange>& changed) {
  const Group group{IncidentKind::local, {}, {.host = name, .sender_domain = {}, .campaign = {}}};
  const Period period{.from = counts.newest - kOwnLate, .up_to = counts.newest + kOwnBucket};
  const auto found = rows_.find(group);
  const std::span<const Row> rows =
      found != rows_.end() ? std::span<const Row>(found->second) : std::span<const Row>{};
  const bool any = std::ranges::any_of(rows, [&](const Row& row) { return is_judged(row, period); });
  if (!any && !counts.attempts.may_open(period.from)) return;
  auto state = known(rows, period);
  const auto before = state.closed.size();
  const auto spans = counts.attempts.find(period.from, std::move(state)).spans();
  merge(group, period, std::span(spans).subspan(before), changed);
}

// Of a host whose log is read later than those of others, only what it has alone is judged.
void OwnIncidents::judge_provider(const std::string& name, Provider& counts, const std::string& host,
                                  std::vector<OwnRange>& changed) {
  const auto newest = of_host(host).newest;
  const Period period{.from = newest - kOwnLate, .up_to = newest + kOwnBucket};
  std::set<std::string> hosts;
  bool wide = true;
  for (const auto& [other, of_other] : hosts_) {
    if (of_other.newest == Time::min()) continue;  // nothing of it was judged yet
    if (of_other.newest > period.up_to) wide = wide && of_other.newest <= newest + kOwnLate;
    if (std::chrono::abs(of_other.newest - newest) <= kOwnLate) hosts.insert(other);
  }
  SenderSends::States states;
  std::map<OurSide, std::size_t> before;
  bool any = counts.sends.may_open();
  for (auto row = rows_.lower_bound({IncidentKind::sender, name, {}});
       row != rows_.end() && row->first.kind == IncidentKind::sender && row->first.provider == name; ++row) {
    const auto& side = row->first.side;
    any = any || std::ranges::any_of(row->second, [&](const Row& one) { return is_judged(one, period); });
    auto state = known(row->second, period);
    if (!(side.host.empty() ? wide
                            : hosts.contains(side.host))) {  // not to be judged, but it explains failures
      if (state.open)
        state.closed.push_back({.since = state.open->since, .opened = {}, .closed = period.up_to});
      state.open.reset();
    }
    before[side] = state.closed.size();
    states.emplace(side, std::move(state));
  }
  if (!any) return;
  for (const auto& [side, state] : counts.sends.find(period.from, std::move(states), hosts, wide)) {
    if (!(side.host.empty() ? wide : hosts.contains(side.host))) continue;
    const auto spans = state.spans();
    merge({IncidentKind::sender, name, side}, period, std::span(spans).subspan(before[side]), changed);
  }
}

// What was found takes the place of what is known and judged again.
void OwnIncidents::merge(const Group& group, const Period& period, std::span<const IncidentSpan> found,
                         std::vector<OwnRange>& changed) {
  const auto hold = [&](Time a, Time b) {
    if (a != b)
      changed.push_back(
          {.provider = group.provider, .side = group.side, .begin = std::min(a, b), .end = std::max(a, b)});
  };
  auto& rows = rows_[group];
  std::vector<Row> next;
  auto span = found.begin();
  const auto open_next = [&] {
    Row row{
        .incident = {.place = {group.provider, {}}, .span = *span, .kind = group.kind, .side = group.side},
        .changed = true,
        .news = true};
    if (group.kind == IncidentKind::sender) {
      auto said = of_provider(group.provider).sends.said_most(group.side, span->since);
      row.incident.text = std::move(said.text);
      row.incident.example = std::move(said.example);
      of_provider(group.provider).any_row = true;
    }
    next.push_back(std::move(row));
    hold(span->since, end_of(*span));
    rows_changed_ = true;
    ++span;
  };
  for (auto& row : rows) {
    if (!is_judged(row, period)) {
      next.push_back(std::move(row));
      continue;
    }
    const auto old = row.incident.span;
    while (span != found.end() && end_of(*span) <= old.since) open_next();
    if (span == found.end() || !overlap(*span, old)) {
      hold(old.since, end_of(old));
      rows_changed_ = true;
      if (row.incident.id != 0) removed_.push_back(std::move(row.incident));
      continue;
    }
    if (*span != old) {
      hold(old.since, span->since);
      hold(end_of(old), end_of(*span));
      row.changed = rows_changed_ = true;
      row.news = row.news || span->closed.has_value() != old.closed.has_value();
      row.incident.span = *span;
    }
    next.push_back(std::move(row));
    ++span;
  }
  while (span != found.end()) open_next();
  rows = std::move(next);
  std::ranges::sort(rows, {}, [](const Row& row) { return row.incident.span.since; });
  if (rows.empty()) rows_.erase(group);
}

void OwnIncidents::list_ranges() {
  local_.clear();
  senders_.clear();
  for (const auto& [group, rows] : rows_)
    for (const auto& row : rows)
      (group.kind == IncidentKind::local ? local_ : senders_)
          .push_back({.provider = group.provider,
                      .side = group.side,
                      .begin = row.incident.span.since,
                      .end = row.incident.end()});
}

Status OwnIncidents::save(Batch& batch) {
  if (auto saved = save_counts(batch); !saved) return saved;
  for (auto& incident : std::exchange(removed_, {})) {
    if (auto removed = batch.remove_incident(incident.id); !removed) return removed;
    news_.push_back({.incident = std::move(incident), .withdrawn = true});
  }
  for (auto& [group, rows] : rows_)
    for (auto& row : rows) {
      if (!std::exchange(row.changed, false)) continue;
      const auto id = batch.save(row.incident);
      if (!id) return id.error();
      row.incident.id = *id;
      if (std::exchange(row.news, false)) news_.push_back({.incident = row.incident, .withdrawn = false});
    }
  return {};
}

Status OwnIncidents::save_counts(Batch& batch) {
  for (auto& [name, counts] : hosts_) {
    for (auto& [start, bucket] : counts.attempts.buckets())
      if (std::exchange(bucket.changed, false))
        if (auto saved = batch.save(LocalAttemptRow{name, start, bucket.domains.text()}); !saved)
          return saved;
    if (std::exchange(counts.turned, false))
      if (auto forgotten = batch.forget_own_counts(name, counts.newest - kOwnCountsKept); !forgotten)
        return forgotten;
  }
  for (auto& [name, provider] : providers_) {
    for (const auto start : std::exchange(provider.unsaved, {})) {
      const auto bucket = provider.sends.buckets().find(start);
      if (bucket == provider.sends.buckets().end()) continue;
      for (auto& [side, counts] : bucket->second) {
        SenderSendRow row{.provider = name, .start = start, .side = side};
        row.others = counts.others;
        if (std::exchange(counts.changed, false))
          if (auto saved = batch.save(row); !saved) return saved;
        row.others = 0;
        for (auto& [text, blamed] : counts.blamed) {
          if (!std::exchange(blamed.changed, false)) continue;
          row.text = text;
          row.sends = blamed.sends.text();
          row.example = blamed.example;
          if (auto saved = batch.save(row); !saved) return saved;
        }
      }
    }
  }
  return {};
}

}  // namespace suppressd
