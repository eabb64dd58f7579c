#include "suppressd/core/incident.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace suppressd {
namespace {

using std::chrono::hours;

constexpr double kDeathsADay = 0.001;  // of known-good addresses
constexpr std::int64_t kFewest = 3;    // failed addresses
constexpr double kTimes = 4;           // as many as expected
constexpr double kImprobable = 1e-7;
constexpr Duration kWindows[] = {kKnownGoodBucket, hours(1), kIncidentWindow};
constexpr double kMargin = 2;                 // times what is expected is not part of an incident
constexpr Duration kBeginsBefore = hours(1);  // the point from which most failed
constexpr Duration kClosesAfter = hours(1);   // of few failures, at least
constexpr double kClosesAfterSends = 20;      // divided by the share that failed

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

bool opens(const KnownGoodCounts& counts) {
  const double mean = expected(counts);
  return counts.failed >= kFewest && static_cast<double>(counts.failed) >= kTimes * mean &&
         tail(counts.failed, mean) < kImprobable;
}

std::int64_t hard(const KnownGoodCounts& counts) {
  return counts.failed + counts.again;
}

}  // namespace

void IncidentSeries::add(Time bucket, const KnownGoodCounts& counts) {
  if (bucket < begin_) return;
  dirty_ = true;
  if (buckets_.empty() || buckets_.back().start < bucket) {
    buckets_.push_back({bucket, counts, {}});
    return;
  }
  const auto place = at(bucket);
  if (buckets_[place].start == bucket)
    buckets_[place].counts += counts;
  else
    buckets_.insert(buckets_.begin() + static_cast<std::ptrdiff_t>(place), {bucket, counts, {}});
  summed_ = std::min(summed_, place);
  if (place < read_) read_ = 0;  // it is read again from the beginning
}

void IncidentSeries::add(const KnownGoodBuckets& buckets) {
  for (const auto& [start, counts] : buckets) add(start, counts);
}

std::size_t IncidentSeries::at(Time from) const {
  const auto place = std::lower_bound(buckets_.begin(), buckets_.end(), from,
                                      [](const Bucket& bucket, Time time) { return bucket.start < time; });
  return static_cast<std::size_t>(place - buckets_.begin());
}

KnownGoodCounts IncidentSeries::sums(std::size_t first, std::size_t bucket) const {
  auto counts = buckets_[bucket].before;
  counts += buckets_[bucket].counts;
  counts -= buckets_[first].before;
  return counts;
}

const std::vector<IncidentSpan>& IncidentSeries::incidents() {
  if (!std::exchange(dirty_, false)) return incidents_;
  for (auto i = summed_; i < buckets_.size(); ++i) {
    if (i == 0) {
      buckets_[0].before = {};
      continue;
    }
    buckets_[i].before = buckets_[i - 1].before;
    buckets_[i].before += buckets_[i - 1].counts;
  }
  summed_ = buckets_.size();
  if (read_ == 0) tail_ = {.begin = begin_, .open = {}, .share = 0, .closed = {}};
  for (; read_ + 1 < buckets_.size(); ++read_) read(tail_, read_);
  auto state = tail_;
  if (!buckets_.empty()) read(state, buckets_.size() - 1);
  incidents_ = std::move(state.closed);
  if (state.open) incidents_.push_back(*state.open);
  return incidents_;
}

KnownGoodCounts IncidentSeries::counts(Time begin, Time end) {
  incidents();  // makes the sums
  const auto first = at(begin);
  const auto last = at(end);
  return first < last ? sums(first, last - 1) : KnownGoodCounts{};
}

void IncidentSeries::read(State& state, std::size_t bucket) const {
  const auto& read = buckets_[bucket];
  if (read.counts.sends <= 0) return;  // taken out again
  if (state.open && read.start - state.open->last > kIncidentSilence) {
    state.open->closed = state.begin = state.open->end();
    state.closed.push_back(*std::exchange(state.open, std::nullopt));
  }
  if (!state.open) {
    if (read.counts.failed > 0 && read.start >= opens_from_) try_to_open(state, bucket);
    return;
  }
  state.open->last = read.start + kKnownGoodBucket;
  const auto so_far = sums(at(state.open->since), bucket);
  state.open->sends = so_far.sends;
  state.open->failed = hard(so_far);
  try_to_close(state, bucket);
}

void IncidentSeries::try_to_open(State& state, std::size_t bucket) const {
  const auto end = buckets_[bucket].start + kKnownGoodBucket;
  for (const auto window : kWindows) {
    const auto counts = sums(at(std::max(end - window, state.begin)), bucket);
    if (!opens(counts)) continue;
    // It began where more failed from then on than can be expected twice over, by the greatest number.
    auto first = at(std::max(end - kIncidentWindow, state.begin));
    auto most = first;
    double excess = -1e300;
    for (auto from = first; from <= bucket; ++from) {
      const auto rest = sums(from, bucket);
      const auto over = static_cast<double>(rest.failed) - kMargin * expected(rest);
      if (over > excess) {
        excess = over;
        most = from;
      }
    }
    const auto since = std::max({buckets_[most].start - kBeginsBefore, end - kIncidentWindow, state.begin});
    const auto so_far = sums(at(since), bucket);
    state.open = IncidentSpan{.since = since,
                              .opened = end,
                              .closed = {},
                              .last = end,
                              .sends = so_far.sends,
                              .failed = hard(so_far)};
    state.share = static_cast<double>(counts.failed) / static_cast<double>(counts.sends);
    return;
  }
}

void IncidentSeries::try_to_close(State& state, std::size_t bucket) const {
  const auto end = buckets_[bucket].start + kKnownGoodBucket;
  const auto opened = at(state.open->opened);  // the first bucket after the one that opened it
  if (opened > bucket) return;
  const double needed = kClosesAfterSends / state.share;
  auto first = std::max(opened, at(end - kClosesAfter));
  const auto enough = [&](std::size_t from) {
    return static_cast<double>(sums(from, bucket).sends) >= needed;
  };
  if (!enough(first)) {
    if (!enough(opened)) return;
    // The latest bucket from which there are enough.
    auto few = first;
    first = opened;
    while (few - first > 1) {
      const auto middle = first + (few - first) / 2;
      (enough(middle) ? first : few) = middle;
    }
  } else if (end - state.open->opened < kClosesAfter) {
    return;
  }
  const auto counts = sums(first, bucket);
  if (static_cast<double>(hard(counts)) > kMargin * expected(counts)) return;
  state.open->closed = state.begin = end;
  state.closed.push_back(*std::exchange(state.open, std::nullopt));
}

std::string Incident::name() const {
  return "incident " + std::to_string(id) + " at " + place.provider +
         (place.domain.empty() ? std::string{} : ", " + place.domain);
}

PendingRange pending_range(const ProviderDomain& place, const IncidentSpan& span) {
  return {.provider = place.provider, .domain = place.domain, .begin = span.since, .end = span.end()};
}

}  // namespace suppressd
