// The incidents of all providers: counts of known-good sends in, times in which hard failures are pending
// out.
//
// What was counted in a batch is added to the table at its end. Providers with a known-good address that
// failed hard are kept in memory, as long as that is within kIncidentWindow; all else is read when it is
// needed. One thread; after an Error the batch must be dropped, and forget() called.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/incident.h"
#include "suppressd/core/incident_finder.h"
#include "suppressd/core/known_good.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

/// For the log.
struct IncidentNews {
  Incident incident;
  bool withdrawn = false;  ///< What was read later shows that there was none.
};

class ProviderIncidents {
 public:
  /// Reads the rows.
  Status load(Batch& batch);
  void forget();

  /// Where sends are counted. judge() and end() take them from there.
  KnownGoodTally& tally() { return tally_; }

  /// Of the provider, or of one of its domains.
  bool any_open(std::string_view provider) const;
  /// Whether an incident may open, is open, or would not be the same any more. What is not counted yet can
  /// only make that less likely.
  Result<bool> may_change(Batch& batch, std::string_view provider);
  /// Finds the incidents of a provider and its domains again, from all that was counted. Returns the times
  /// in which hard failures are pending now and were not, or are no longer.
  Result<std::vector<PendingRange>> judge(Batch& batch, std::string_view provider);
  /// The same for all that are open; then stores what was counted. `look`: whether incidents are looked for;
  /// if not, those that are open end with the newest send that counts in them.
  Result<std::vector<PendingRange>> end(Batch& batch, bool look);
  /// At that time of the log: end() drops what cannot matter any more.
  void sweep(Time at);

  /// Of the sends to known-good addresses of a provider that ended in [begin, end).
  Result<KnownGoodCounts> counts(Batch& batch, std::string_view provider, Time begin, Time end);

  std::span<const PendingRange> pending() const { return ranges_; }
  /// After end(): those that were opened, closed or withdrawn.
  std::vector<IncidentNews> take_news();

 private:
  struct Row {
    Incident incident;
    bool changed = false;  ///< It is not stored so.
    bool news = false;     ///< It was opened or closed since it was stored.
  };
  void absorb();
  Result<KnownGoodBuckets> all_counts(Batch& batch, const ProviderDomain& place);
  Result<IncidentFinder*> finder(Batch& batch, std::string_view provider);
  Result<IncidentFinder*> fresh_finder(Batch& batch, const std::string& provider);
  Status track(Batch& batch, IncidentFinder& finder, const ProviderDomain& place);
  Time opens_from() const;
  void tell_known(IncidentFinder& finder, std::string_view provider) const;
  std::span<const Row> rows_of(std::string_view provider) const;
  bool is_final(const Row& row) const {
    return !row.incident.closed_by.empty() || row.incident.span.end() < final_;
  }
  Status judge(Batch& batch, std::string_view provider, std::vector<PendingRange>& changed);
  void merge(std::span<const Row> known, const ProviderDomain& place, std::span<const IncidentSpan> found,
             std::vector<Row>& next, std::vector<PendingRange>& changed);
  void close_open(std::string_view provider);
  void replace(std::span<const Row> known, std::vector<Row> next);
  bool matters(const ProviderDomain& place, Time start) const;
  Status save(Batch& batch);
  void list_ranges();

  KnownGoodTally tally_;
  std::map<ProviderDomain, KnownGoodBuckets> unsaved_;
  std::map<std::string, IncidentFinder, std::less<>> finders_;  ///< By provider.
  /// Domains in which an address failed, and which their provider's finder does not track yet.
  std::set<ProviderDomain> untracked_;
  std::vector<Row> incidents_;  ///< By provider, domain and time.
  std::vector<Incident> removed_;
  Time final_ = Time::min();          ///< What closed before is not judged again: its counts are gone.
  std::optional<Time> oldest_;        ///< Counts from before are dropped, except those of incidents.
  std::vector<PendingRange> ranges_;  ///< Of all incidents, in the same order.
  std::vector<IncidentNews> news_;
};

}  // namespace suppressd
