// First attempts at one of our hosts: whether its resolver and network work.
//
// Counted are recipient domains that took mail within 180 days, by five minutes: those of which a first
// attempt of a send was answered, and those of which one failed in DNS or connection. Retries do not count:
// the mail that a dead domain leaves in the queue says nothing new. There is an incident where, within ten
// minutes, a third of the domains and ten at least were tried, and none of their servers answered. It closes
// with the first ten minutes in which it is less than a third.
//
// Memory is bounded: of many domains a sample is kept. Not thread-safe; nothing fails.
#pragma once

#include <map>
#include <string_view>
#include <utility>

#include "suppressd/core/own_incident.h"
#include "suppressd/core/sample.h"

namespace suppressd {

inline constexpr Duration kLocalWindow = std::chrono::minutes(10);

class LocalAttempts {
 public:
  struct Bucket {
    Sample domains;
    bool changed = false;  ///< It is not stored so.
  };
  using Buckets = std::map<Time, Bucket>;

  /// Whether it is new that this domain was, or was not, answered in these five minutes.
  bool add(std::string_view domain, Time at, bool failed);
  /// As it was stored.
  void load(Time start, Sample domains) {
    buckets_[start] = {.domains = std::move(domains), .changed = false};
  }
  void forget(Time before) { buckets_.erase(buckets_.begin(), buckets_.lower_bound(before)); }

  /// Of the ten minutes that end with those of `bucket`, what began at `begin` or later.
  OwnWindow window(Time bucket, Time begin = Time::min()) const;
  /// So many domains failed from then on that an incident may be found.
  bool may_open(Time from) const;
  /// The incidents, from what is known at `from`.
  OwnState find(Time from, OwnState known) const;

  Buckets& buckets() { return buckets_; }
  const Buckets& buckets() const { return buckets_; }

 private:
  Buckets buckets_;
};

}  // namespace suppressd
