// Rates and their alerts: counts in, alerts that open and close out.
//
// What was counted in a batch is added to the table at its end, and rates with new failures are judged then.
// The time by which they are judged is that of the newest event, so that a replay gives the alerts of its
// time; the daemon's look() goes by the clock. One thread; after an Error the batch must be dropped, and
// forget() called.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "suppressd/core/alert.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/rate.h"
#include "suppressd/core/refusal.h"
#include "suppressd/learn/sender_domains.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

/// For the log: an alert that opened or closed, and the level that it had before, or has now.
struct AlertNews {
  Alert alert;
  AlertLevel before = AlertLevel::none;
  AlertLevel now = AlertLevel::none;
};

class Rates {
 public:
  /// Reads the rows.
  Status load(Batch& batch);
  void forget();

  RateTally& tally() { return tally_; }
  /// Stores what was counted if it is very much.
  Status relieve(Batch& batch);
  /// The name of a sender in the rates: its organisational domain, or kOtherTag.
  Result<std::string> sender_domain(Batch& batch, std::string_view sender, Time entered) {
    return sender_domains_.name_for(batch, sender, entered);
  }
  /// The time of an event.
  void see(Time at) { newest_ = std::max(newest_, at); }
  /// Evidence that counts, or (minus) no longer counts. Stores what was counted if it is very much.
  Status add(Batch& batch, const Evidence& evidence);
  void take_out(const Evidence& evidence);
  /// At the end of the batch, all that are open are judged by the clock.
  void look(Time now) { looked_ = now; }
  /// Stores and judges what was counted.
  Status end(Batch& batch);

  /// After end(): what opened or closed.
  std::vector<AlertNews> take_news();

 private:
  Status store(Batch& batch);
  Status judge(Batch& batch, const RateName& place);
  Status judge(Batch& batch, const RateName& place, AlertWhat what, std::span<const WindowCounts> windows);

  RateTally tally_;
  SenderDomains sender_domains_;
  std::set<RateName> unjudged_;  ///< With events that are not judged yet.
  std::vector<Alert> open_;
  Time newest_ = Time::min();
  std::optional<Time> looked_;
  Time judged_ = Time::min();     ///< Hour for which all open ones were judged.
  Time rolled_up_ = Time::min();  ///< Hours from before were added up to days.
  std::vector<AlertNews> news_;
};

/// Adds refusals to the rates.
Status count_refusals(Batch& batch, std::span<const Refusal> refusals);

}  // namespace suppressd
