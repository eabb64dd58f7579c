#include "suppressd/core/incident_finder.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace suppressd {
namespace {

using std::chrono::hours;

constexpr double kDeathsADay = 0.001;  // of known-good addresses
constexpr std::int64_t kFewest = 3;    // failed addresses
constexpr Duration kWindows[] = {kKnownGoodBucket, hours(1), kIncidentWindow};
constexpr double kMargin = 2;                 // times what is expected is not part of an incident
constexpr Duration kBeginsBefore = hours(1);  // the point from which most failed
constexpr Duration kClosesAfter = hours(1);   // of few failures, at least
constexpr double kClosesAfterSends = 20;      // divided by the share that failed

// How much must fail to open one.
struct Enough {
  double times;  // as many as expected
  double improbable;
};
constexpr Enough kAlone{.times = 4, .improbable = 1e-7};
constexpr Enough kBesideDomains{.times = 3, .improbable = 1e-4};

double expected(const KnownGoodCounts& counts) {
  return kDeathsADay * static_cast<double>(counts.days);
}

// The probability of `failed` or more where `mean` are expected (Poisson).
double tail(std::int64_t failed, double mean) {
  const auto count = static_cast<double>(failed);
  if (mean <= 0) return failed > 0 ? 0 : 1;
  if (count <= mean) return 1;
  double term = std::exp(count * std::log(mean) - mean - std::lgamma(count + 1));
  double sum = term;
  for (double next = count + 1; term > sum * 1e-9; ++next) sum += term *= mean / next;
  return sum;
}

bool opens(const KnownGoodCounts& counts, const Enough& needed) {
  const double mean = expected(counts);
  return counts.failed >= kFewest && static_cast<double>(counts.failed) >= needed.times * mean &&
         tail(counts.failed, mean) < needed.improbable;
}

std::int64_t hard(const KnownGoodCounts& counts) {
  return counts.failed + counts.again;
}

// At most all, although soft bounces are no sends that ended.
double share_that_failed(const KnownGoodCounts& counts) {
  return counts.failed < counts.sends ? static_cast<double>(counts.failed) / static_cast<double>(counts.sends)
                                      : 1;
}

// It began where more failed from then on than can be expected twice over, by the greatest number.
Time beginning(const auto& sums, Time begin, Time end) {
  const auto first = std::max(end - kIncidentWindow, begin);
  auto most = end;
  double excess = 0;
  for (auto from = end - kKnownGoodBucket; from >= first; from -= kKnownGoodBucket) {
    const auto rest = sums(from, end);
    const auto over = static_cast<double>(rest.failed) - kMargin * expected(rest);
    if (over <= excess) continue;
    excess = over;
    most = from;
  }
  return std::max(most - kBeginsBefore, first);
}

// From which there are `needed` sends, as late as possible; an hour before the end at the latest. nullopt:
// there are too few since it opened.
std::optional<Time> enough_from(const auto& sums, Time opened, Time end, double needed) {
  const auto enough = [&](Time from) { return static_cast<double>(sums(from, end).sends) >= needed; };
  const auto latest = end - kClosesAfter;
  if (latest < opened) return std::nullopt;
  if (enough(latest)) return latest;
  if (!enough(opened)) return std::nullopt;
  auto from = opened;
  for (auto few = latest; few - from > kKnownGoodBucket;) {
    const auto middle = from + (few - from) / kKnownGoodBucket / 2 * kKnownGoodBucket;
    (enough(middle) ? from : few) = middle;
  }
  return from;
}

bool is_over(const auto& sums, Time opened, Time end, double share) {
  const auto from = enough_from(sums, opened, end, kClosesAfterSends / share);
  if (!from) return false;
  const auto counts = sums(*from, end);
  return static_cast<double>(hard(counts)) <= kMargin * expected(counts);
}

}  // namespace

void IncidentFinder::Place::close(Time at) {
  open->closed = known.begin = at;
  closed.push_back(*std::exchange(open, std::nullopt));
}

bool IncidentFinder::Place::opened_since(Time time) const {
  return (open && open->opened >= time) || (!closed.empty() && closed.back().opened >= time);
}

IncidentFinder::IncidentFinder(IncidentsKnown known) : known_(known) {}

void IncidentFinder::know(std::string_view domain, const IncidentsKnown& known) {
  known_of_.insert_or_assign(std::string(domain), known);
  changed(Time::min());
}

IncidentFinder::State IncidentFinder::fresh() const {
  State state;
  state.provider.known = known_;
  for (const auto& [domain, known] : known_of_)
    (domain.empty() ? state.provider : state.domains[domain]).known = known;
  return state;
}

void IncidentFinder::changed(Time bucket) {
  dirty_ = true;
  if (read_ > 0 && all_.first_from(bucket) < read_) read_ = 0;  // all is read again
}

void IncidentFinder::add(Time bucket, const KnownGoodCounts& counts) {
  changed(bucket);
  all_.add(bucket, counts);
}

void IncidentFinder::add(std::string_view domain, Time bucket, const KnownGoodCounts& counts) {
  changed(bucket);
  const auto place = domains_.find(domain);
  place->second.add(bucket, counts);
  if (counts.failed > 0) failing_[bucket].insert(place->first);
}

void IncidentFinder::track(std::string_view domain, const KnownGoodBuckets& buckets) {
  const auto place = domains_.try_emplace(std::string(domain)).first;
  for (const auto& [bucket, counts] : buckets) {
    place->second.add(bucket, counts);
    if (counts.failed <= 0) continue;  // what has no failures changes nothing before
    failing_[bucket].insert(place->first);
    changed(bucket);
  }
}

const IncidentFinder::Found& IncidentFinder::incidents() {
  if (!std::exchange(dirty_, false)) return found_;
  if (read_ == 0) tail_ = fresh();
  if (all_.size() > 0) read_up_to(tail_, all_.size() - 1);
  newest_ = tail_;
  if (all_.size() > 0) read(newest_, all_.start(all_.size() - 1));
  found_.clear();
  const auto list = [&](std::string_view domain, const Place& place) {
    if (place.closed.empty() && !place.open) return;
    auto& spans = found_[std::string(domain)] = place.closed;
    if (place.open) spans.push_back(*place.open);
  };
  list({}, newest_.provider);
  for (const auto& [domain, place] : newest_.domains) list(domain, place);
  return found_;
}

void IncidentFinder::read_up_to(State& state, std::size_t end) {
  for (; read_ < end; ++read_) read(state, all_.start(read_));
}

KnownGoodCounts IncidentFinder::counts(Time begin, Time end) {
  incidents();
  return outside(newest_, begin, end);
}

KnownGoodCounts IncidentFinder::outside(const State& state, Time begin, Time end) const {
  auto counts = all_.sums(begin, end);
  for (const auto& [domain, place] : state.domains) {
    const auto leave_out = [&](Time since, Time until) {
      if (since < end && until > begin)
        counts -= domains_.find(domain)->second.sums(std::max(since, begin), std::min(until, end));
    };
    for (const auto& span : place.closed) leave_out(span.since, *span.closed);
    if (place.open) leave_out(place.open->since, end);
  }
  return counts;
}

void IncidentFinder::read(State& state, Time bucket) const {
  for (auto& [domain, place] : state.domains)
    if (place.open)
      read_open(place, bucket, [&series = domains_.find(domain)->second](Time begin, Time end) {
        return series.sums(begin, end);
      });
  if (state.provider.open)
    read_open(state.provider, bucket, [&](Time begin, Time end) { return outside(state, begin, end); });
  if (state.provider.open) return;
  if (const auto failing = failing_.find(bucket); failing != failing_.end())
    for (const auto domain : failing->second) try_to_open(state, domain, bucket);
  try_to_open(state, {}, bucket);
}

void IncidentFinder::read_open(Place& place, Time bucket, const auto& sums) const {
  const auto end = bucket + kKnownGoodBucket;
  if (bucket - place.open->last > kIncidentSilence) return place.close(place.open->end());
  if (const auto counts = sums(bucket, end); counts.sends <= 0 && hard(counts) <= 0) return;
  const auto so_far = sums(place.open->since, end);
  place.open->last = end;
  place.open->sends = so_far.sends;
  place.open->failed = hard(so_far);
  if (is_over(sums, place.open->opened, end, place.share)) place.close(end);
}

void IncidentFinder::try_to_open(State& state, std::string_view domain, Time bucket) const {
  const bool whole = domain.empty();
  const Place unknown{.known = known_, .open = {}, .share = 0, .closed = {}};
  const auto found = state.domains.find(domain);
  const auto& place = whole ? state.provider : found != state.domains.end() ? found->second : unknown;
  if (place.open || bucket < place.known.opens_from) return;
  // Where the whole provider's closed, nothing of before counts for its domains either.
  const auto begin = std::max(place.known.begin, state.provider.known.begin);
  const auto end = bucket + kKnownGoodBucket;
  if (begin > bucket) return;
  const auto sums = [&](Time from, Time until) {
    return whole ? outside(state, from, until) : domains_.find(domain)->second.sums(from, until);
  };
  if (sums(bucket, end).failed <= 0) return;
  const bool beside = whole && std::ranges::any_of(state.domains, [&](const auto& of_domain) {
                        return of_domain.second.opened_since(end - kIncidentWindow);
                      });
  for (const auto window : kWindows) {
    const auto counts = sums(std::max(end - window, begin), end);
    if (!opens(counts, beside ? kBesideDomains : kAlone)) continue;
    const auto since = beginning(sums, begin, end);
    const auto so_far = sums(since, end);
    auto& opened = whole ? state.provider
                         : state.domains.try_emplace(domains_.find(domain)->first, unknown).first->second;
    opened.open = IncidentSpan{.since = since,
                               .opened = end,
                               .closed = {},
                               .last = end,
                               .sends = so_far.sends,
                               .failed = hard(so_far)};
    // A few failures say little of how many fail, so the smaller one.
    opened.share = std::min(share_that_failed(counts), share_that_failed(so_far));
    return;
  }
}

}  // namespace suppressd
