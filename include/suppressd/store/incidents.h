// Incidents as people ask for them. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/incident.h"
#include "suppressd/core/reply.h"

namespace suppressd {

struct IncidentSummary {
  Incident incident;
  bool read = false;         ///< Somebody has looked at it.
  std::int64_t pending = 0;  ///< Entries that it holds.

  /// When it closed, also if by silence; nullopt: it is open.
  std::optional<Time> closed(Time now) const {
    return incident.span.closed || incident.end() <= now ? std::optional(incident.end()) : std::nullopt;
  }
};

/// How many failures there were, and when.
struct IncidentFailures {
  std::int64_t count = 0;
  Time first;
  Time last;
};

/// What the servers said: replies that differ only in names and numbers.
struct IncidentReply {
  int code = 0;
  EnhancedStatus status;
  std::string rule;
  std::string text;  ///< normal_text()
  IncidentFailures failures;
};

struct IncidentHost {
  std::string host;  ///< One of ours, by its name in the log; empty: a report that only a trace proves.
  IncidentFailures failures;
};

/// Of our own: whose mail failed.
struct IncidentSender {
  std::string domain;  ///< Organisational domain of the sender; empty: the log names none.
  IncidentFailures failures;
};

/// All that is known of one incident. As far as its evidence is kept; of our own also sends that are still
/// open.
struct IncidentStory {
  IncidentSummary summary;
  std::vector<IncidentReply> replies;  ///< These three: most frequent first.
  std::vector<IncidentHost> hosts;
  std::vector<IncidentSender> senders = {};
  std::int64_t recipients = 0;       ///< Of our own: addresses whose mail failed.
  std::vector<std::string> pending;  ///< Addresses, the first kPendingShown of them.

  static constexpr std::size_t kPendingShown = 10;
};

}  // namespace suppressd
