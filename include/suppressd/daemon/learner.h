// The learning pipeline: log records in, committed changes out.
//
// Parser, classifier, tracker, brake and policy, wired to the ledger: one batch is one transaction, cursor included. The daemon feeds it
// live, `replay` feeds it old logs; both get the same result. One thread. After an error the batch is undone as a whole; the caller opens
// its sources again from the stored cursors.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "suppressd/core/result.h"
#include "suppressd/daemon/config.h"
#include "suppressd/source/source.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

struct LearnerCounters {
  std::uint64_t lines = 0;  ///< Records taken.
  std::uint64_t events = 0;
  std::uint64_t not_understood = 0;
  std::uint64_t attempts = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t suppressed = 0;
  std::uint64_t pending = 0;
  std::uint64_t lifted = 0;
};

class Learner {
 public:
  /// `noted` is told every change that was committed, for the log.
  Learner(const Config& config, const Ruleset& rules, Ledger& ledger, std::function<void(const Change&)> noted);
  ~Learner();

  /// Learns one batch of a source in one transaction and returns the cursor as stored.
  Result<Cursor> learn(const Source::Batch& batch);
  /// Writes refusal notes.
  Status note(const std::vector<Refusal>& refusals, std::uint64_t dropped);

  /// After a reload of configuration and rules.
  void use(const Config& config, const Ruleset& rules);

  const LearnerCounters& counters() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
