// The learning thread: follows the logs, learns, writes refusal notes, keeps the database small, and tells
// how the daemon is.
//
// run() belongs to one thread and ends after stop(). Everything it writes goes through one connection. After
// a failed transaction nothing is lost: the database is opened again, the sources go back to their stored
// cursors, and it is tried again with growing pauses, while mail flows. A log that cannot be read is tried
// again in the same way, while the others are learned from.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "suppressd/config/config.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/rules.h"
#include "suppressd/daemon/health.h"
#include "suppressd/daemon/sources.h"
#include "suppressd/learn/learner.h"

namespace suppressd {

/// What the loop judges by.
struct Judges {
  std::shared_ptr<const Ruleset> rules;
  std::shared_ptr<const TraceKeys> trace_keys;  ///< May be empty: then no trace is proven.
};

class LearningLoop {
 public:
  /// `look_ups` of the verdict half are part of what is told; null: there are none.
  LearningLoop(const Config& config, Judges judges, Database database, WatchedLookup* look_ups,
               LogPlaces places = {});
  ~LearningLoop();

  /// Where the milter leaves its notes, and mail that may be reports. They live as long as the loop.
  RefusalQueue& refusals();
  MailQueue& mails();

  void run();

  /// Once, from another thread: waits until run() has opened the logs, as far as that is possible, and has
  /// told the service manager how the daemon is. Which are followed, in a few words; nullopt: it takes
  /// longer.
  std::optional<std::string> logs_within(std::chrono::milliseconds patience);

  // From any thread:
  void stop();
  /// A new configuration with its rules and keys, taken at the next turn.
  void use(const Config& config, Judges judges);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
