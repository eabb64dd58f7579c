// What breakers say of one message: it passes, it is paused, or it is one of the messages that test.
//
// The session asks at MAIL about what the login and the sender tell, and at the end of the header about what
// is read from there. A test message holds its ticket until it ends. Untagged and bypassed mail and bounces
// are never paused; in monitor mode, and while enforcement is off, nothing is: what would be paused is only
// reported. If the database cannot answer, mail passes. Used by one thread at a time; throws only
// std::bad_alloc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/breaker.h"
#include "suppressd/core/pause_lookup.h"
#include "suppressd/core/test_tickets.h"
#include "suppressd/core/warm_up_day.h"
#include "suppressd/milter/counters.h"
#include "suppressd/milter/gatekeeper.h"
#include "suppressd/milter/reporter.h"

namespace suppressd {

/// What sessions need for breakers. Lookup and tickets must outlive it.
struct BreakerRules {
  BreakerSettings settings;
  TagSources tags;
  PauseLookup& lookup;
  TestTickets& tickets;
  WarmUpSettings warm_up = {};
  WarmUpLookup* history = nullptr;  ///< These two: set if the warm-up is on.
  WarmUpDay* day = nullptr;

  /// Whether a dimension that is watched is known at MAIL, so that a reply there is needed.
  bool asks_at_mail() const;
};

/// Who brings a message: `login anna`, the network of the client (`192.0.2.0/24`, `2001:db8::/64`), `local`.
std::string bringer(const Envelope& envelope);

class MessagePause {
 public:
  MessagePause(FilterCounters& counters, Reporter& reporter) : counters_(counters), reporter_(reporter) {}

  enum class Stage { mail, header };
  /// Asks about what is known at that stage. `tags` are those of the header.
  void ask(Stage stage, const BreakerRules& rules, const Gatekeeper& gatekeeper, const Envelope& envelope,
           const Tags& tags, Time now);

  /// A recipient that would pass: why it must not today, as the sender domain is new at the provider; empty:
  /// it may, and counts if the message is accepted.
  std::string ask_warm_up(const BreakerRules& rules, const Gatekeeper& gatekeeper, const Envelope& envelope,
                          std::string_view recipient, Time now);
  /// Then the whole message is paused.
  void pause(std::string why);

  /// Why the message is paused; empty: it is not.
  const std::string& why() const { return why_; }
  /// The end of the message is needed.
  bool needs_end() const { return !why_.empty() || !tests_.empty() || !warming_.empty(); }

  /// The message is accepted.
  void accepted(const std::string& queue_id, std::int64_t recipients, Time now);
  /// It has ended in whatever way.
  void finish() noexcept;

 private:
  void ask(const BreakerRules& rules, const Gatekeeper& gatekeeper, const PauseQuery& query, Time now);
  bool take_ticket(const BreakerRules& rules, const PauseQuery& query, const Pause& pause, Time now);

  FilterCounters& counters_;
  Reporter& reporter_;
  std::string why_;
  TestTickets* tickets_ = nullptr;
  std::vector<BreakerPlace> tests_;
  WarmUpDay* day_ = nullptr;
  std::vector<WarmUpPair> warming_;  ///< One per recipient that counts.
};

}  // namespace suppressd
