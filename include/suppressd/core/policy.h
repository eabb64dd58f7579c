// How many failures suppress an address, and for how long. Plain data.
#pragma once

#include <vector>

#include "suppressd/base/time.h"

namespace suppressd {

struct PolicySettings {
  int threshold = 3;                                    ///< `soft.threshold`
  Duration min_interval = std::chrono::hours(16);       ///< `soft.min_interval`
  Duration stale_after = std::chrono::hours(24 * 180);  ///< `soft.stale_after`
  /// `soft.suppress_for`
  std::vector<Duration> soft_ladder = {std::chrono::hours(24 * 30), std::chrono::hours(24 * 90), kForever};
  /// `hard.weak_for`
  std::vector<Duration> weak_ladder = {std::chrono::hours(24 * 30), kForever};
  /// `hard.bad_domain_for`
  std::vector<Duration> bad_domain_ladder = {std::chrono::hours(24 * 7), std::chrono::hours(24 * 30),
                                             kForever};
  /// `hard.known_good_for`: of a sure failure of an address that was delivered to within 180 days before.
  std::vector<Duration> known_good_ladder = {kForever};

  bool operator==(const PolicySettings&) const = default;
};

}  // namespace suppressd
