// The learning thread: follows the logs, learns, writes refusal notes, keeps the database small, and reports
// the daemon's state.
//
// run() belongs to one thread and ends after stop(). Everything it writes goes through one connection. After
// a failed transaction nothing is lost: the database is opened again, the sources return to their stored
// cursors, and the loop retries with growing pauses, while mail flows. A log that cannot be read is retried
// in the same way, while the others are learned from.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "suppressd/config/config.h"
#include "suppressd/config/sources.h"
#include "suppressd/core/probe_claims.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/rules.h"
#include "suppressd/core/tags.h"
#include "suppressd/core/test_tickets.h"
#include "suppressd/learn/learner.h"
#include "suppressd/store/ledger.h"

#include "health.h"

namespace suppressd {

/// What the loop needs to judge.
struct Judges {
  std::shared_ptr<const Ruleset> rules;
  std::shared_ptr<const TraceKeys> trace_keys;  ///< May be empty: then no trace is proven.
};

class LearningLoop {
 public:
  /// `look_ups` of the verdict half are part of the reported state; null: there are none.
  LearningLoop(const Config& config, Judges judges, Ledger ledger, VerdictReader* look_ups,
               LogPlaces places = {});
  ~LearningLoop();

  /// Where the milter puts its notes, mail that may be reports, probes of half-open entries, and
  /// tags, and test messages of breakers. They live as long as the loop.
  RefusalQueue& refusals();
  MailQueue& mails();
  ProbeClaims& probes();
  TagQueue& tags();
  TestTickets& tests();

  void run();

  /// Once, from another thread: waits until run() has opened the logs, as far as possible, and has
  /// told the service manager the daemon's state. Returns which are followed, in a few words; nullopt: it
  /// takes longer.
  std::optional<std::string> logs_within(std::chrono::milliseconds patience);

  // From any thread:
  void stop();
  /// A new configuration with its rules and keys; takes effect at the next turn.
  void use(const Config& config, Judges judges);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
