// Finds the incidents of one provider and of its recipient domains.
//
// All are found in one pass in the order of time, from the counts of known-good sends: a function of the
// counts, whatever order they came in. In each five minutes, first those that are open are looked at, then
// whether one opens for a domain, then for the provider as a whole: without what lies in incidents of its
// domains, but with less evidence, while one of them opened within a day. While the provider's is open, none
// opens for a domain.
//
// Expected is that one known-good address in a thousand dies each day. An incident opens where three or
// more fail, four times what is expected, in a way that chance does not explain. Pure, no clock; not
// thread-safe; nothing fails.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/incident.h"
#include "suppressd/core/known_good_series.h"

namespace suppressd {

/// What is known of a place before the counts are read.
struct IncidentsKnown {
  /// Nothing before it counts: an incident that is known closed then. min(): none did.
  Time begin = Time::min();
  /// None opens in five minutes that begin before it, because older counts may be incomplete.
  Time opens_from = Time::min();
};

class IncidentFinder {
 public:
  /// The incidents of a domain, or of the provider: ''. In the order of time, without overlap.
  using Found = std::map<std::string, std::vector<IncidentSpan>, std::less<>>;

  /// `known`: of all places of which know() is not told.
  explicit IncidentFinder(IncidentsKnown known = {});
  IncidentFinder(IncidentFinder&&) = default;
  IncidentFinder& operator=(IncidentFinder&&) = default;
  /// Before counts are read; `domain` '' for the provider.
  void know(std::string_view domain, const IncidentsKnown& known);

  /// Of all domains together.
  void add(Time bucket, const KnownGoodCounts& counts);
  /// A domain is tracked if known-good addresses of it failed; `buckets`: all of its counts so far, which
  /// add() was told, too.
  void track(std::string_view domain, const KnownGoodBuckets& buckets);
  bool tracks(std::string_view domain) const { return domains_.contains(domain); }
  /// Of a tracked domain; add() for all of them must be told, too.
  void add(std::string_view domain, Time bucket, const KnownGoodCounts& counts);

  const Found& incidents();
  /// Of the sends that ended in [begin, end) and lie in no incident of a domain.
  KnownGoodCounts counts(Time begin, Time end);

 private:
  struct Place {
    IncidentsKnown known;  ///< `begin`: when the last incident closed.
    std::optional<IncidentSpan> open;
    double share = 0;  ///< Of the sends, which failed when it opened.
    std::vector<IncidentSpan> closed;

    void close(Time at);
    bool opened_since(Time time) const;
  };
  /// What is known before a bucket is read.
  struct State {
    Place provider;
    std::map<std::string_view, Place> domains;  ///< Of which more is known than of all.
  };

  void read_up_to(State& state, std::size_t end);
  void read(State& state, Time bucket) const;
  void read_open(Place& place, Time bucket, const auto& sums) const;
  void try_to_open(State& state, std::string_view domain, Time bucket) const;
  KnownGoodCounts outside(const State& state, Time begin, Time end) const;
  void changed(Time bucket);
  State fresh() const;

  IncidentsKnown known_;
  std::map<std::string, IncidentsKnown, std::less<>> known_of_;
  KnownGoodSeries all_;
  std::map<std::string, KnownGoodSeries, std::less<>> domains_;
  std::map<Time, std::set<std::string_view>>
      failing_;  ///< Domains, by the buckets in which addresses failed.
  State tail_;   ///< Before bucket number read_.
  std::size_t read_ = 0;
  State newest_;  ///< After all buckets.
  Found found_;
  bool dirty_ = false;
};

}  // namespace suppressd
