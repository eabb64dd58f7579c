// The brake: when one provider suddenly calls very many mailboxes dead, the provider is at fault, not
// the mailboxes.
//
// Counts ended sends and hard failures of each provider in buckets of five minutes of event time. If an
// hour (twelve buckets) has more than `hard.burst` hard failures, and they are at least a fifth of its
// sends, all of its buckets become pending: hard failures that ended in one of them are held back, even
// those from before the limit was passed. A pending bucket stays pending. An hour in which enough
// known-good addresses were written to needs no brake. Pure, not thread-safe;
// nothing fails. Its state is in the database, see take_changes() and load().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/base/time.h"
#include "suppressd/core/fold.h"

namespace suppressd {

inline constexpr Duration kTrafficBucket = std::chrono::minutes(5);
inline constexpr Duration kTrafficWindow = std::chrono::hours(1);

/// Row in `traffic`.
struct TrafficBucket {
  std::string provider;
  Time start;
  std::int64_t sends = 0;
  std::int64_t hard = 0;
  bool pending = false;
};

class Brake {
 public:
  /// `burst` is `hard.burst`: the most hard failures at one provider within an hour that are believed;
  /// 0 switches the brake off.
  explicit Brake(std::int64_t burst = 200);
  Brake(Brake&&) = default;
  Brake& operator=(Brake&&) = default;

  /// Counts a send that ended at that provider, whatever its outcome.
  void count_send(std::string_view provider, Time at);
  /// Whether there is a control group between two times: then incidents are found, and no brake is needed.
  using ControlGroup = std::function<bool(Time begin, Time end)>;
  /// Counts a hard failure. Returns the buckets that become pending by it, which the caller passes to
  /// hold(). `control_group` is asked about each hour that passes the limit.
  std::vector<PendingRange> count_hard(std::string_view provider, Time at,
                                       const ControlGroup& control_group = {});
  /// Makes these buckets pending.
  void hold(const std::vector<PendingRange>& buckets);
  /// All pending hours, by provider and beginning, without overlap. Valid until the next call.
  std::span<const PendingRange> pending() const { return pending_; }

  /// Forgets buckets that belong to no hour that is still counted at `now`. For an active provider this
  /// also happens with each new bucket.
  void sweep(Time now);

  struct Changes {
    std::vector<TrafficBucket> written;
    std::vector<TrafficBucket> removed;
  };
  Changes take_changes();
  void load(const std::vector<TrafficBucket>& buckets);

 private:
  struct Counts {
    std::int64_t sends = 0;
    std::int64_t hard = 0;
    bool pending = false;
    bool dirty = false;
    bool stored = false;
  };
  struct Provider {
    std::string_view domain;  ///< Its key in providers_.
    std::map<std::int64_t, Counts> buckets;
    bool listed = false;  ///< In changed_.
  };
  Provider& known(std::string_view domain);
  Counts& bucket(Provider& known, Time at);
  bool passes(const Provider& known, std::int64_t newest) const;
  void forget(Provider& known, std::int64_t oldest_kept);
  void list_pending();

  std::int64_t burst_;
  std::unordered_map<std::string, Provider, TextHash, std::equal_to<>> providers_;
  std::vector<Provider*> changed_;
  std::vector<TrafficBucket> removed_;
  std::vector<PendingRange> pending_;
};

}  // namespace suppressd
