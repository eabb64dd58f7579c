#include "suppressd/learn/provider_incidents.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace suppressd {
namespace {

constexpr Duration kCountsKept = std::chrono::hours(48);

bool overlap(const IncidentSpan& a, const IncidentSpan& b) {
  return a.since < b.end() && b.since < a.end();
}

// Where hard failures are held by one and not by the other.
void add_differences(const ProviderDomain& place, const IncidentSpan& before, const IncidentSpan& after,
                     std::vector<PendingRange>& changed) {
  const auto add = [&](Time a, Time b) {
    if (a == b) return;
    changed.push_back(
        {.provider = place.provider, .domain = place.domain, .begin = std::min(a, b), .end = std::max(a, b)});
  };
  add(before.since, after.since);
  if (before.closed || after.closed) add(before.end(), after.end());
}

}  // namespace

Status ProviderIncidents::load(Batch& batch) {
  forget();
  auto incidents = batch.incidents();
  if (!incidents) return incidents.error();
  for (auto& incident : *incidents) incidents_.push_back({.incident = std::move(incident)});
  const auto since = batch.known_good_since();
  if (!since) return since.error();
  final_ = *since;
  list_ranges();
  return {};
}

void ProviderIncidents::forget() {
  *this = {};
}

std::vector<IncidentNews> ProviderIncidents::take_news() {
  return std::exchange(news_, {});
}

void ProviderIncidents::list_ranges() {
  ranges_.clear();
  for (const auto& row : incidents_) ranges_.push_back(pending_range(row.incident.place, row.incident.span));
}

void ProviderIncidents::absorb() {
  for (const auto& [place, buckets] : tally_.take()) {
    const auto known = finders_.find(place.provider);
    auto* const finder = known != finders_.end() ? &known->second : nullptr;
    const bool tracked = finder != nullptr && finder->tracks(place.domain);
    auto& unsaved = unsaved_[place];
    auto& unsaved_sums = unsaved_[{place.provider, {}}];
    bool failed = false;
    for (const auto& [start, counts] : buckets) {
      unsaved[start] += counts;
      unsaved_sums[start] += counts;
      failed = failed || counts.failed > 0;
      if (finder != nullptr) finder->add(start, counts);
      if (tracked) finder->add(place.domain, start, counts);
    }
    if (finder != nullptr && !tracked && failed) untracked_.insert(place);
  }
}

Result<KnownGoodBuckets> ProviderIncidents::all_counts(Batch& batch, const ProviderDomain& place) {
  auto counts = batch.known_good(place);
  if (!counts) return counts;
  if (const auto unsaved = unsaved_.find(place); unsaved != unsaved_.end())
    for (const auto& [start, more] : unsaved->second) (*counts)[start] += more;
  return counts;
}

Result<IncidentFinder*> ProviderIncidents::finder(Batch& batch, std::string_view provider) {
  const auto known = finders_.find(provider);
  if (known == finders_.end()) return fresh_finder(batch, std::string(provider));
  for (auto place = untracked_.lower_bound({std::string(provider), {}});
       place != untracked_.end() && place->provider == provider; place = untracked_.erase(place))
    if (auto tracked = track(batch, known->second, *place); !tracked) return tracked.error();
  return &known->second;
}

Result<IncidentFinder*> ProviderIncidents::fresh_finder(Batch& batch, const std::string& provider) {
  auto counts = all_counts(batch, {provider, {}});
  if (!counts) return counts.error();
  auto failed = batch.known_good_failed(provider);
  if (!failed) return failed.error();
  std::set<std::string> domains(failed->begin(), failed->end());
  for (auto place = unsaved_.upper_bound({provider, {}});
       place != unsaved_.end() && place->first.provider == provider; ++place)
    if (std::ranges::any_of(place->second, [](const auto& bucket) { return bucket.second.failed > 0; }))
      domains.insert(place->first.domain);
  IncidentFinder finder({.begin = Time::min(), .opens_from = opens_from()});
  tell_known(finder, provider);
  for (const auto& [start, of_all] : *counts) finder.add(start, of_all);
  for (const auto& domain : domains)
    if (auto tracked = track(batch, finder, {provider, domain}); !tracked) return tracked.error();
  return &finders_.insert_or_assign(provider, std::move(finder)).first->second;
}

Status ProviderIncidents::track(Batch& batch, IncidentFinder& finder, const ProviderDomain& place) {
  const auto counts = all_counts(batch, place);
  if (!counts) return counts.error();
  finder.track(place.domain, *counts);
  return {};
}

// Older counts are gone, so that what opens soon after may be what was open before.
Time ProviderIncidents::opens_from() const {
  return final_ == Time::min() ? final_ : final_ + kIncidentWindow;
}

void ProviderIncidents::tell_known(IncidentFinder& finder, std::string_view provider) const {
  std::map<std::string_view, IncidentsKnown> known;
  for (const auto& row : rows_of(provider)) {
    const auto& span = row.incident.span;
    auto& of_place = known
                         .try_emplace(row.incident.place.domain,
                                      IncidentsKnown{.begin = Time::min(), .opens_from = opens_from()})
                         .first->second;
    if (is_final(row))
      of_place.begin = span.end();
    else
      of_place.opens_from = std::min(of_place.opens_from, span.opened - kKnownGoodBucket);
  }
  for (const auto& [domain, of_place] : known) finder.know(domain, of_place);
}

std::span<const ProviderIncidents::Row> ProviderIncidents::rows_of(std::string_view provider) const {
  const auto first = std::ranges::lower_bound(
      incidents_, provider, {}, [](const Row& row) { return std::string_view(row.incident.place.provider); });
  const auto last = std::find_if(first, incidents_.end(),
                                 [&](const Row& row) { return row.incident.place.provider != provider; });
  return {first, last};
}

bool ProviderIncidents::any_open(std::string_view provider) const {
  return std::ranges::any_of(rows_of(provider), [](const Row& row) { return !row.incident.span.closed; });
}

Result<bool> ProviderIncidents::may_change(Batch& batch, std::string_view provider) {
  absorb();
  if (any_open(provider)) return true;
  const auto of_provider = finder(batch, provider);
  if (!of_provider) return of_provider.error();
  const auto& found = (**of_provider).incidents();
  const auto rows = rows_of(provider);
  const auto is_known = [&](const std::string& domain, const IncidentSpan& span) {
    return std::ranges::any_of(rows, [&](const Row& row) {
      const auto& known = row.incident;
      return known.place.domain == domain && known.span.since == span.since &&
             known.span.closed == span.closed;
    });
  };
  return std::ranges::any_of(found, [&](const auto& place) {
    return std::ranges::any_of(place.second, [&](const auto& span) { return !is_known(place.first, span); });
  });
}

// The incidents that were found take the place of those that are known and not final.
Status ProviderIncidents::judge(Batch& batch, std::string_view provider, std::vector<PendingRange>& changed) {
  const auto of_provider = finder(batch, provider);
  if (!of_provider) return of_provider.error();
  const auto& found = (**of_provider).incidents();
  const auto rows = rows_of(provider);
  std::map<std::string_view, std::span<const Row>> known;
  for (auto row = rows.begin(); row != rows.end();) {
    const auto end = std::find_if(row, rows.end(), [&](const Row& other) {
      return other.incident.place.domain != row->incident.place.domain;
    });
    known[row->incident.place.domain] = {row, end};
    row = end;
  }
  for (const auto& [domain, spans] : found) known.try_emplace(domain);
  std::vector<Row> next;
  for (const auto& [domain, of_place] : known) {
    const auto spans = found.find(domain);
    merge(of_place, {std::string(provider), std::string(domain)},
          spans != found.end() ? std::span(spans->second) : std::span<const IncidentSpan>{}, next, changed);
  }
  replace(rows, std::move(next));
  return {};
}

void ProviderIncidents::merge(std::span<const Row> known, const ProviderDomain& place,
                              std::span<const IncidentSpan> found, std::vector<Row>& next,
                              std::vector<PendingRange>& changed) {
  auto span = found.begin();
  const auto open_next = [&] {
    next.push_back({.incident = {.id = 0, .place = place, .span = *span}, .changed = true, .news = true});
    changed.push_back(pending_range(place, *span));
    ++span;
  };
  for (const auto& row : known) {
    const auto& old = row.incident.span;
    if (is_final(row)) {
      next.push_back(row);
      continue;
    }
    while (span != found.end() && span->end() <= old.since) open_next();
    if (span == found.end() || !overlap(*span, old)) {
      changed.push_back(pending_range(place, old));
      if (row.incident.id != 0) removed_.push_back(row.incident);
      continue;
    }
    next.push_back(row);
    auto& same = next.back();
    if (*span != old) {
      add_differences(place, old, *span, changed);
      same.changed = true;
      same.news = row.news || span->closed.has_value() != old.closed.has_value();
      same.incident.span = *span;
    }
    ++span;
  }
  while (span != found.end()) open_next();
}

void ProviderIncidents::replace(std::span<const Row> known, std::vector<Row> next) {
  const auto first = known.data() - std::as_const(incidents_).data();
  const auto after =
      incidents_.erase(incidents_.begin() + first, incidents_.begin() + first + std::ssize(known));
  incidents_.insert(after, std::make_move_iterator(next.begin()), std::make_move_iterator(next.end()));
  list_ranges();
}

Result<std::vector<PendingRange>> ProviderIncidents::judge(Batch& batch, std::string_view provider) {
  absorb();
  std::vector<PendingRange> changed;
  if (auto judged = judge(batch, provider, changed); !judged) return judged.error();
  return changed;
}

Result<std::vector<PendingRange>> ProviderIncidents::end(Batch& batch, bool look) {
  absorb();
  std::set<std::string> providers;
  for (const auto& row : incidents_)
    if (const auto& place = row.incident.place;
        !row.incident.span.closed && (!look || unsaved_.contains({place.provider, {}})))
      providers.insert(place.provider);
  std::vector<PendingRange> changed;
  for (const auto& provider : providers) {
    if (!look)
      close_open(provider);
    else if (auto judged = judge(batch, provider, changed); !judged)
      return judged.error();
  }
  if (auto saved = save(batch); !saved) return saved.error();
  return changed;
}

void ProviderIncidents::close_open(std::string_view provider) {
  for (auto& row : incidents_) {
    auto& span = row.incident.span;
    if (row.incident.place.provider != provider || span.closed) continue;
    span.closed = span.last;
    row.changed = row.news = true;
  }
  list_ranges();
}

void ProviderIncidents::sweep(Time at) {
  oldest_ = std::max(oldest_.value_or(Time::min()), at - kCountsKept);
}

// As in forget_known_good().
bool ProviderIncidents::matters(const ProviderDomain& place, Time start) const {
  if (!oldest_ || start >= *oldest_) return true;
  return std::ranges::any_of(rows_of(place.provider), [&](const Row& row) {
    const auto& span = row.incident.span;
    return start >= span.since - kIncidentWindow && span.end() >= *oldest_;
  });
}

Status ProviderIncidents::save(Batch& batch) {
  for (auto& [place, buckets] : unsaved_)
    std::erase_if(buckets, [&](const auto& bucket) { return !matters(place, bucket.first); });
  if (auto added = batch.add_known_good(unsaved_); !added) return added;
  unsaved_.clear();
  for (auto& incident : std::exchange(removed_, {})) {
    if (auto removed = batch.remove_incident(incident.id); !removed) return removed;
    news_.push_back({.incident = std::move(incident), .withdrawn = true});
  }
  for (auto& row : incidents_) {
    auto& span = row.incident.span;
    if (!oldest_ || span.closed || span.end() >= *oldest_) continue;
    span.closed = span.end();
    row.changed = row.news = true;
  }
  for (auto& row : incidents_) {
    if (!std::exchange(row.changed, false)) continue;
    const auto id = batch.save(row.incident);
    if (!id) return id.error();
    row.incident.id = *id;
    if (std::exchange(row.news, false)) news_.push_back({.incident = row.incident, .withdrawn = false});
  }
  if (!oldest_) return {};
  finders_.clear();
  untracked_.clear();
  final_ = std::max(final_, *oldest_);
  return batch.forget_known_good(*std::exchange(oldest_, {}));
}

Result<KnownGoodCounts> ProviderIncidents::counts(Batch& batch, std::string_view provider, Time begin,
                                                  Time end) {
  absorb();
  const auto of_provider = finder(batch, provider);
  if (!of_provider) return of_provider.error();
  return (**of_provider).counts(begin, end);
}

}  // namespace suppressd
