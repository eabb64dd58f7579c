// The learning thread: follows the sources, learns, writes refusal notes, keeps the database small.
//
// run() belongs to one thread and ends after stop(). Everything it writes goes through one connection. After a failed transaction nothing
// is lost: the database is opened again, the sources go back to their stored cursors, and it is tried again with growing pauses, while mail
// flows.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "suppressd/core/refusal.h"
#include "suppressd/core/rules.h"
#include "suppressd/daemon/config.h"
#include "suppressd/daemon/learner.h"
#include "suppressd/daemon/sources.h"

namespace suppressd {

/// What the loop judges by.
struct Judges {
  std::shared_ptr<const Ruleset> rules;
  std::shared_ptr<const TraceKeys> trace_keys;  ///< May be empty: then no trace is proven.
};

class LearningLoop {
 public:
  /// Tells the database's views what they must know of the configuration, and opens the sources, so that an unreadable log fails the
  /// start.
  static Result<std::unique_ptr<LearningLoop>> open(const Config& config, Judges judges, Database database, Sources sources);
  ~LearningLoop();

  /// Where the milter leaves its notes, and mail that may be reports. They live as long as the loop.
  RefusalQueue& refusals();
  MailQueue& mails();

  void run();

  // From any thread:
  void stop();
  /// A new configuration with its rules and keys, taken at the next turn.
  void use(const Config& config, Judges judges);

 private:
  struct Parts;
  explicit LearningLoop(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
