#include "suppressd/core/known_good_series.h"

#include <algorithm>

namespace suppressd {

std::size_t KnownGoodSeries::first_from(Time from) const {
  const auto place = std::ranges::lower_bound(buckets_, from, {}, &Bucket::start);
  return static_cast<std::size_t>(place - buckets_.begin());
}

KnownGoodCounts KnownGoodSeries::sums_before(std::size_t number) const {
  if (number < buckets_.size()) return buckets_[number].before;
  if (buckets_.empty()) return {};
  auto sums = buckets_.back().before;
  return sums += buckets_.back().counts;
}

KnownGoodCounts KnownGoodSeries::sums(Time begin, Time end) const {
  if (begin >= end) return {};
  auto sums = sums_before(first_from(end));
  return sums -= sums_before(first_from(begin));
}

void KnownGoodSeries::add(Time bucket, const KnownGoodCounts& counts) {
  const auto place = first_from(bucket);
  if (place == buckets_.size() || buckets_[place].start != bucket)
    buckets_.insert(buckets_.begin() + static_cast<std::ptrdiff_t>(place), {bucket, {}, sums_before(place)});
  buckets_[place].counts += counts;
  for (auto later = place + 1; later < buckets_.size(); ++later) buckets_[later].before += counts;
}

}  // namespace suppressd
