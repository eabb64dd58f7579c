// Provider incidents: times in which known-good addresses failed hard far more often than addresses die.
//
// Found with hindsight from the counts of known-good sends (known_good.h): a function of the counts,
// whatever order they came in. Expected is that one known-good address in a thousand dies each day; an
// incident opens where three or more fail, four times what is expected, in a way that chance does not
// explain. Pure, no clock; not thread-safe; nothing fails.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/fold.h"
#include "suppressd/core/known_good.h"

namespace suppressd {

/// An incident is over after this long without a send to a known-good address.
inline constexpr Duration kIncidentSilence = std::chrono::hours(24 * 30);
/// The beginning of an incident, and what opens it, lie within so long before it opens.
inline constexpr Duration kIncidentWindow = std::chrono::hours(24);

/// When it was. Hard failures that ended in [since, end()) are pending.
struct IncidentSpan {
  Time since;
  Time opened;                 ///< When enough had failed to know.
  std::optional<Time> closed;  ///< nullopt: it is open.
  Time last;                   ///< End of the newest five minutes that count in it.
  std::int64_t sends = 0;      ///< Of known-good addresses, since it began.
  std::int64_t failed = 0;     ///< Of these, hard.

  /// An open one is over kIncidentSilence after the newest known-good send.
  Time end() const { return closed ? *closed : last + kIncidentSilence; }
  bool operator==(const IncidentSpan&) const = default;
};

/// Row in `incident`.
struct Incident {
  std::int64_t id = 0;
  ProviderDomain place;
  IncidentSpan span;

  /// `incident 3 at google.com, company.example`
  std::string name() const;
};

/// The incidents of one provider, or of one domain there.
class IncidentSeries {
 public:
  /// Nothing before `begin` counts: an incident that is known closed then. min(): none did. None opens in
  /// five minutes that begin before `opens_from`, because older counts may be incomplete.
  explicit IncidentSeries(Time begin = Time::min(), Time opens_from = Time::min())
      : begin_(begin), opens_from_(opens_from) {}

  void add(Time bucket, const KnownGoodCounts& counts);
  void add(const KnownGoodBuckets& buckets);
  Time begin() const { return begin_; }
  /// In the order of time, without overlap.
  const std::vector<IncidentSpan>& incidents();
  /// Of the sends that ended in [begin, end).
  KnownGoodCounts counts(Time begin, Time end);

 private:
  struct Bucket {
    Time start;
    KnownGoodCounts counts;
    KnownGoodCounts before;  ///< The sums of all earlier buckets.
  };
  /// What is known before a bucket is read.
  struct State {
    Time begin;  ///< When the last incident closed.
    std::optional<IncidentSpan> open;
    double share = 0;  ///< Of the sends, which failed in the window that opened it.
    std::vector<IncidentSpan> closed;
  };

  void read(State& state, std::size_t bucket) const;
  void try_to_open(State& state, std::size_t bucket) const;
  void try_to_close(State& state, std::size_t bucket) const;
  /// The first bucket that begins at `from` or later.
  std::size_t at(Time from) const;
  /// Sums of the buckets [first, bucket].
  KnownGoodCounts sums(std::size_t first, std::size_t bucket) const;

  Time begin_;
  Time opens_from_;
  std::vector<Bucket> buckets_;
  std::size_t summed_ = 0;  ///< So many buckets have the right `before`.
  State tail_;              ///< Before the last bucket that was read.
  std::size_t read_ = 0;    ///< tail_ is that before this bucket.
  std::vector<IncidentSpan> incidents_;
  bool dirty_ = false;
};

/// Of one place, for the fold.
PendingRange pending_range(const ProviderDomain& place, const IncidentSpan& span);

}  // namespace suppressd
