// The counts of known-good sends of one place, in the order of time. Plain data; nothing fails.
#pragma once

#include <cstddef>
#include <vector>

#include "suppressd/core/known_good.h"

namespace suppressd {

class KnownGoodSeries {
 public:
  void add(Time bucket, const KnownGoodCounts& counts);

  std::size_t size() const { return buckets_.size(); }
  /// Beginning of bucket `number`, from 0.
  Time start(std::size_t number) const { return buckets_[number].start; }
  /// The first bucket that begins at `from` or later; size(): none does.
  std::size_t first_from(Time from) const;
  /// Of the buckets that begin in [begin, end).
  KnownGoodCounts sums(Time begin, Time end) const;

 private:
  struct Bucket {
    Time start;
    KnownGoodCounts counts;
    KnownGoodCounts before;  ///< The sums of all earlier buckets.
  };
  KnownGoodCounts sums_before(std::size_t number) const;

  std::vector<Bucket> buckets_;
};

}  // namespace suppressd
