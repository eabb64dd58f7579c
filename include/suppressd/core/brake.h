// The brake: when one provider suddenly calls very many mailboxes dead, it is the provider that is sick, not
// the mailboxes.
//
// Counts attempts and new hard entries of each provider in buckets of five minutes of event time, in a window
// of an hour. Pure and not thread-safe: the learning thread owns it, and writes changed buckets in the
// transaction of the batch.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/base/time.h"

namespace suppressd {

/// Row in `traffic`.
struct TrafficBucket {
  std::string provider;
  Time start;  ///< Multiple of kTrafficBucket.
  std::int64_t attempts = 0;
  std::int64_t hard = 0;  ///< New hard entries, active and pending.
};

inline constexpr Duration kTrafficBucket = std::chrono::minutes(5);
inline constexpr Duration kTrafficWindow = std::chrono::hours(1);

class Brake {
 public:
  /// `burst` is `hard.burst`: new hard entries at one provider within the window that are believed; 0
  /// switches the brake off.
  explicit Brake(std::int64_t burst = 200);
  Brake(Brake&&) = default;
  Brake& operator=(Brake&&) = default;

  void count_attempt(std::string_view provider, Time at);
  /// Notes a new hard entry; true: it is to be `pending`, as more than `burst` came within the window and
  /// they are a fifth of the attempts or more.
  bool count_hard(std::string_view provider, Time at);

  /// Forgets buckets that no window reaches any more at `now`; those of a provider that is still active go by
  /// themselves.
  void sweep(Time now);

  struct Changes {
    std::vector<TrafficBucket> written;
    std::vector<TrafficBucket> removed;
  };
  Changes take_changes();
  void load(const std::vector<TrafficBucket>& buckets);

 private:
  struct Counts {
    std::int64_t attempts = 0;
    std::int64_t hard = 0;
    bool dirty = false;
    bool stored = false;
  };
  struct Provider {
    std::string_view domain;  ///< Its key in providers_.
    std::map<std::int64_t, Counts> buckets;
    bool listed = false;  ///< Stands in changed_.
  };
  Provider& known(std::string_view domain);
  Counts& bucket(Provider& known, Time at);
  void forget(Provider& known, std::int64_t oldest_kept);

  std::int64_t burst_;
  std::unordered_map<std::string, Provider, TextHash, std::equal_to<>> providers_;
  std::vector<Provider*> changed_;
  std::vector<TrafficBucket> removed_;
};

}  // namespace suppressd
