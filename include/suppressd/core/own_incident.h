// Incidents of our own: times in which failures say more about us than about the addresses.
//
// Both kinds are found from counts by five minutes of event time. They are kept for two hours, by the time of
// the host that logged them; what is older than an hour changes no incident any more. Plain data, pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/category.h"
#include "suppressd/core/incident.h"
#include "suppressd/core/outcome.h"

namespace suppressd {

inline constexpr Duration kOwnBucket = std::chrono::minutes(5);
inline constexpr Duration kOwnCountsKept = std::chrono::hours(2);
/// What is further behind its host's newest five minutes changes no incident.
inline constexpr Duration kOwnLate = std::chrono::hours(1);

Time own_bucket(Time at);

/// A failure that blames the sender or the message: blocked, auth, content, policy, rate-limited.
bool blames_us(Category category);
/// A failure in DNS or connection: no server said anything.
bool never_answered(const FailureReason& reason);

/// A failed attempt that may be our own fault: the first one of a send, or one that blames us.
struct FailedAttempt {
  std::string address;  ///< Canonical.
  Time at;
  std::string host;
  std::string queue_id;
  std::string sender;    ///< Envelope sender; empty: not known.
  std::string campaign;  ///< Tag of the message.
  bool first = false;
  std::shared_ptr<const FailureReason> reason;  ///< Never null.
};

/// What was counted in some time; whether it is enough for an incident to open, and to go on.
struct OwnWindow {
  std::int64_t sends = 0;
  std::int64_t failed = 0;
  bool enough = false;
  bool goes_on = false;
  Time since;  ///< Beginning of the first five minutes with failures.
};

/// What is known where finding begins.
struct OwnState {
  std::optional<IncidentSpan> open;
  Time begin = Time::min();  ///< What is before it does not count: an incident that closed then.
  std::vector<IncidentSpan> closed;

  void open_at(const OwnWindow& window, Time bucket) {
    const auto end = bucket + kOwnBucket;
    open = IncidentSpan{.since = std::max(window.since, begin),
                        .opened = end,
                        .closed = {},
                        .last = end,
                        .sends = window.sends,
                        .failed = window.failed};
  }
  void close_at(Time at) {
    open->closed = begin = at;
    closed.push_back(*std::exchange(open, std::nullopt));
  }
  /// Before five minutes are read: nothing was counted for too long.
  void close_if_silent(Time bucket) {
    if (open && bucket >= open->last + kOwnSilence) close_at(open->last + kOwnSilence);
  }
  /// It closes with the first window in which it does not go on.
  void read_open(const OwnWindow& window, Time bucket) {
    if (!window.goes_on) return close_at(bucket + kOwnBucket);
    open->last = std::max(open->last, bucket + kOwnBucket);
    if (window.failed <= open->failed) return;
    open->sends = window.sends;
    open->failed = window.failed;
  }
  std::vector<IncidentSpan> spans() const {
    auto all = closed;
    if (open) all.push_back(*open);
    return all;
  }
};

}  // namespace suppressd
