// The policy: what an outcome does to an address.
//
// Hard is suppressed on the first failure; soft after `soft.threshold` failed sends in a row with no delivery
// between; what is the sender's or the provider's fault costs nothing. apply() is a pure function of the
// outcome and the address's record, apart from the brake's counters; time is the event's time. Safe from any
// thread for different records.
#pragma once

#include <string>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/brake.h"
#include "suppressd/core/record.h"
#include "suppressd/core/tracker.h"

namespace suppressd {

struct PolicySettings {
  int threshold = 3;                                    ///< `soft.threshold`
  Duration min_interval = std::chrono::hours(16);       ///< `soft.min_interval`
  Duration stale_after = std::chrono::hours(24 * 180);  ///< `soft.stale_after`
  std::vector<Duration> soft_ladder = {std::chrono::hours(24 * 30), std::chrono::hours(24 * 90),
                                       kForever};                               ///< `soft.suppress_for`
  std::vector<Duration> weak_ladder = {std::chrono::hours(24 * 30), kForever};  ///< `hard.weak_for`
  std::vector<Duration> bad_domain_ladder = {std::chrono::hours(24 * 7), std::chrono::hours(24 * 30),
                                             kForever};  ///< `hard.bad_domain_for`
};

/// What apply() did. The record is changed in place; `changes` are for the audit, with evidence_id still 0.
struct PolicyResult {
  std::vector<Change> changes;
  bool record_changed = false;  ///< Recipient or entries differ from before.
  bool evidence_kept =
      false;  ///< The evidence should be stored: a failure, or a delivery that changed something.
  std::vector<SuppressionKind> rests_on;  ///< Entries that now rest on this evidence.
};

class Policy {
 public:
  explicit Policy(PolicySettings settings) : settings_(std::move(settings)) {}

  PolicyResult apply(const Outcome& outcome, AddressRecord& record, Brake& brake) const;

 private:
  void hard_failure(const Outcome& outcome, AddressRecord& record, Brake& brake, PolicyResult& result) const;
  Duration hard_length(const Outcome& outcome, const Recipient& recipient) const;
  void soft_failure(const Outcome& outcome, AddressRecord& record, PolicyResult& result) const;
  void complaint(const Outcome& outcome, AddressRecord& record, PolicyResult& result) const;

  PolicySettings settings_;
};

/// By hand: adds an entry (kind manual unless told otherwise), lifts all entries of an address, confirms a
/// pending one. `now` is the wall clock.
PolicyResult add_by_hand(AddressRecord& record, Suppression entry, Time now);
PolicyResult lift_by_hand(AddressRecord& record, std::string_view actor, std::string_view note, Time now);
PolicyResult confirm_by_hand(AddressRecord& record, std::string_view actor, std::string_view note, Time now);

}  // namespace suppressd
