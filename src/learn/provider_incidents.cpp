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

std::span<ProviderIncidents::Row> ProviderIncidents::rows(const ProviderDomain& place) {
  const auto [first, last] =
      std::equal_range(incidents_.begin(), incidents_.end(), place,
                       [](const auto& a, const auto& b) { return place_of(a) < place_of(b); });
  return {first, last};
}

// Whether the counts are those of an incident of the domain, and so are not its provider's.
bool ProviderIncidents::in_own_incident(const ProviderDomain& place, Time start) {
  return std::ranges::any_of(rows(place), [&](const Row& row) {
    const auto& span = row.incident.span;
    return start >= span.since && (!span.closed || start < *span.closed);
  });
}

void ProviderIncidents::absorb() {
  for (const auto& [place, buckets] : tally_.take()) {
    const ProviderDomain whole{place.provider, {}};
    const auto own = series_.find(place);
    const auto of_provider = series_.find(whole);
    uncounted_.insert(place);
    auto& unsaved = unsaved_[place];
    auto& unsaved_sums = unsaved_[whole];
    for (const auto& [start, counts] : buckets) {
      unsaved[start] += counts;
      unsaved_sums[start] += counts;
      if (own != series_.end()) own->second.add(start, counts);
      if (of_provider != series_.end() && !in_own_incident(place, start))
        of_provider->second.add(start, counts);
    }
  }
}

Result<KnownGoodBuckets> ProviderIncidents::all_counts(Batch& batch, const ProviderDomain& place) {
  auto counts = batch.known_good(place);
  if (!counts) return counts;
  if (const auto unsaved = unsaved_.find(place); unsaved != unsaved_.end())
    for (const auto& [start, more] : unsaved->second) (*counts)[start] += more;
  return counts;
}

Result<IncidentSeries*> ProviderIncidents::series(Batch& batch, const ProviderDomain& place) {
  if (const auto known = series_.find(place); known != series_.end()) return &known->second;
  auto counts = all_counts(batch, place);
  if (!counts) return counts.error();
  if (place.domain.empty()) {
    for (const auto& row : rows_of(place.provider)) {
      const auto& own = row.incident.place;
      if (own.domain.empty()) continue;
      auto of_domain = all_counts(batch, own);
      if (!of_domain) return of_domain.error();
      const auto& span = row.incident.span;
      const auto end = span.closed ? of_domain->lower_bound(*span.closed) : of_domain->end();
      for (auto bucket = of_domain->lower_bound(span.since); bucket != end; ++bucket)
        (*counts)[bucket->first] -= bucket->second;
    }
  }
  auto begin = Time::min();
  auto opens_from = final_ == Time::min() ? final_ : final_ + kIncidentWindow;
  for (const auto& row : rows(place)) {
    const auto& span = row.incident.span;
    if (span.end() < final_)
      begin = span.end();
    else
      opens_from = std::min(opens_from, span.opened - kKnownGoodBucket);
  }
  auto& fresh = series_.emplace(place, IncidentSeries(begin, opens_from)).first->second;
  fresh.add(*counts);
  return &fresh;
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

Result<bool> ProviderIncidents::may_change(Batch& batch, std::string_view provider, std::string_view domain) {
  absorb();
  if (any_open(provider)) return true;
  for (const auto& name : {domain, std::string_view{}}) {
    const ProviderDomain place{std::string(provider), std::string(name)};
    const auto counts = series(batch, place);
    if (!counts) return counts.error();
    const auto& found = (**counts).incidents();
    const auto known = rows(place);
    const auto is_known = [&](const IncidentSpan& span) {
      return std::ranges::any_of(known, [&](const Row& row) {
        return row.incident.span.since == span.since && row.incident.span.closed == span.closed;
      });
    };
    if (!std::ranges::all_of(found, is_known)) return true;
  }
  return false;
}

// The incidents that were found take the place of those that are known, from where the series begins.
Status ProviderIncidents::judge(Batch& batch, const ProviderDomain& place,
                                std::vector<PendingRange>& changed) {
  const auto counts = series(batch, place);
  if (!counts) return counts.error();
  const auto found = (**counts).incidents();
  const auto begin = (**counts).begin();
  const auto known = rows(place);
  std::vector<Row> next;
  bool other_times = false;
  auto span = found.begin();
  const auto open_next = [&] {
    next.push_back({.incident = {.id = 0, .place = place, .span = *span}, .changed = true, .news = true});
    changed.push_back(pending_range(place, *span));
    other_times = true;
    ++span;
  };
  for (auto& row : known) {
    const auto& old = row.incident.span;
    if (old.end() <= begin) {
      next.push_back(row);
      continue;
    }
    while (span != found.end() && span->end() <= old.since) open_next();
    if (span == found.end() || !overlap(*span, old)) {
      changed.push_back(pending_range(place, old));
      if (row.incident.id != 0) removed_.push_back(row.incident);
      other_times = true;
      continue;
    }
    if (*span != old) {
      add_differences(place, old, *span, changed);
      other_times = other_times || old.since != span->since || old.closed != span->closed;
      next.push_back({.incident = {.id = row.incident.id, .place = place, .span = *span},
                      .changed = true,
                      .news = row.news || span->closed.has_value() != old.closed.has_value()});
    } else {
      next.push_back(row);
    }
    ++span;
  }
  while (span != found.end()) open_next();
  replace(known, std::move(next));
  uncounted_.erase(place);
  if (other_times && !place.domain.empty()) series_.erase({place.provider, {}});
  return {};
}

void ProviderIncidents::replace(std::span<Row> known, std::vector<Row> next) {
  const auto first = known.data() - incidents_.data();
  if (known.size() == next.size()) {
    for (std::size_t i = 0; i < next.size(); ++i) {
      const auto& [place, span] = std::tie(next[i].incident.place, next[i].incident.span);
      ranges_[static_cast<std::size_t>(first) + i] = pending_range(place, span);
      known[i] = std::move(next[i]);
    }
    return;
  }
  const auto after =
      incidents_.erase(incidents_.begin() + first, incidents_.begin() + first + std::ssize(known));
  incidents_.insert(after, std::make_move_iterator(next.begin()), std::make_move_iterator(next.end()));
  list_ranges();
}

// All open ones of a provider: domains first, because what is counted in their incidents is not their
// provider's.
Status ProviderIncidents::judge_open(Batch& batch, std::string_view provider,
                                     std::vector<PendingRange>& changed) {
  std::vector<ProviderDomain> open;
  for (const auto& row : rows_of(provider))
    if (const auto& place = row.incident.place;
        !row.incident.span.closed && !place.domain.empty() && uncounted_.contains(place))
      open.push_back(place);
  for (const auto& place : open)
    if (auto judged = judge(batch, place, changed); !judged) return judged;
  return judge(batch, {std::string(provider), {}}, changed);
}

Result<std::vector<PendingRange>> ProviderIncidents::judge(Batch& batch, std::string_view provider,
                                                           std::string_view domain) {
  absorb();
  std::vector<PendingRange> changed;
  if (auto judged = judge(batch, {std::string(provider), std::string(domain)}, changed); !judged)
    return judged.error();
  if (auto judged = judge_open(batch, provider, changed); !judged) return judged.error();
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
    else if (auto judged = judge_open(batch, provider, changed); !judged)
      return judged.error();
  }
  uncounted_.clear();
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
  series_.clear();
  final_ = std::max(final_, *oldest_);
  return batch.forget_known_good(*std::exchange(oldest_, {}));
}

Result<KnownGoodCounts> ProviderIncidents::counts(Batch& batch, std::string_view provider, Time begin,
                                                  Time end) {
  absorb();
  const auto of_provider = series(batch, {std::string(provider), {}});
  if (!of_provider) return of_provider.error();
  return (**of_provider).counts(begin, end);
}

}  // namespace suppressd
