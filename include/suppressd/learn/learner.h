// Learning: log records and reports in, committed changes out.
//
// The observer and the decider, wired to the ledger: what a batch of records tells, what it changes,
// and the cursor are committed together. The daemon feeds it live, `replay` and `learn` feed it old
// logs and mails. One thread. After an error nothing of the batch is kept; the caller opens its
// sources again from the stored cursors. An outcome that is too far ahead of the clock is stored in
// the table `waiting`, in the same transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/breaker.h"
#include "suppressd/core/collected_mail.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/rules.h"
#include "suppressd/core/trace.h"
#include "suppressd/learn/ahead.h"
#include "suppressd/learn/decider.h"
#include "suppressd/learn/settings.h"
#include "suppressd/source/replay_stream.h"
#include "suppressd/source/source.h"
#include "suppressd/store/ledger.h"
#include "suppressd/store/retention.h"

namespace suppressd {

/// What was learned and committed.
struct LearnerCounters : DeciderCounters {
  std::uint64_t lines = 0;  ///< Records taken.
  std::uint64_t events = 0;
  std::uint64_t ignored = 0;
  std::uint64_t not_understood = 0;
  std::uint64_t attempts = 0;
  std::uint64_t mails = 0;    ///< Looked at.
  std::uint64_t reports = 0;  ///< Recipients whose failure or complaint they report.
  std::uint64_t unproven = 0;
  std::uint64_t waiting = 0;  ///< Outcomes that were too far ahead of the clock, and wait for it.
};

/// What was done about one recipient that a mail reports.
struct ReportFinding {
  enum class Fate { learned, known, waiting, unproven, no_lesson };
  Fate fate = Fate::no_lesson;
  std::string address;   ///< Empty: the mail names none.
  std::string category;  ///< Name of the category, or `not-a-report`.
  std::string why;       ///< Why it is unproven; empty otherwise.
};

/// How an old log is learned, and who is told of the progress.
struct ReplayTerms {
  std::uint64_t transaction = 1'000'000;  ///< Most lines in one, about; other writers wait for its end.
  std::function<bool()> go_on;            ///< Called often; false: stop.
  std::function<void(const ReplayStream::Progress&)> committed;  ///< Called after every transaction.
};

struct ReplayedLog {
  bool known = false;  ///< Its beginning was learned before.
  bool interrupted = false;
  std::uint64_t new_lines = 0;
};

class Learner {
 public:
  /// `noted` is called with every change that was committed, for the log. `clock` is read once per
  /// transaction.
  Learner(const LearnSettings& settings, const Ruleset& rules, Ledger& ledger,
          std::function<void(const Change&)> noted, std::function<Time()> clock = wall_clock);
  ~Learner();

  /// Learns one batch of a source in one transaction and returns the cursor as stored. nullopt:
  /// another process has learned from the same stream since the source found its place; nothing was
  /// done, and the source must be opened again.
  Result<std::optional<Cursor>> learn(const Source::Batch& batch);
  /// Learns the part of an old log that is not known yet, in large transactions as long as no other
  /// process writes. An Error names the log. If interrupted, what was committed is kept, and a replay
  /// of the same log continues from there.
  Result<ReplayedLog> replay(const std::string& path, CursorBook& book, const ReplayTerms& terms);
  /// Learns one mail in one transaction. A report that neither a key of `keys` nor a known delivery
  /// proves changes nothing and is stored as unproven.
  Result<std::vector<ReportFinding>> learn(const CollectedMail& mail, const TraceKeys& keys);
  /// To be called now and then. In one transaction: learns from outcomes whose time has come, and
  /// examines at most `limit` rows of evidence for removal. True: there is more of either.
  Result<bool> upkeep(const RetentionSettings& settings, int limit = 1000);
  /// Writes refusal notes.
  Status note(const std::vector<Refusal>& refusals, std::uint64_t dropped);

  /// Stores the messages that test half-open entries. To be called before what the log tells of them is
  /// learned.
  Status keep(const std::vector<Probe>& sent);

  /// Stores the messages that test breakers. To be called before what the log tells of them is learned.
  Status keep(const std::vector<TestMessage>& sent);
  /// To be called about once per second, and after alerts: breakers open, are tested, and close. Returns
  /// those that have changed.
  Result<std::vector<Breaker>> step_breakers();

  /// Tags of messages; `dropped` notes were lost before. To be called before what the log tells of the
  /// messages is learned.
  Status tag(const std::vector<TagNote>& notes, std::uint64_t dropped);
  /// A milter takes tags from now on. The time in which notes were lost, because the process before was
  /// killed: messages that entered in it and have no note are counted.
  Result<std::optional<TagGap>> open_tags();
  /// It takes no more, and all notes are stored.
  Status close_tags();

  /// After a reload of configuration and rules.
  void use(const LearnSettings& settings, const Ruleset& rules);

  const LearnerCounters& counters() const;
  /// The database has keys that decide, others than these settings (LearnSettings::sets_policy): they
  /// hold. True after something was learned.
  bool other_keys() const;
  /// Provider incidents that were opened, closed or withdrawn since the last call.
  std::vector<IncidentNews> take_incidents();
  /// Alerts that opened or closed since the last call.
  std::vector<AlertNews> take_alerts();
  /// Outcomes that began to wait for the clock since the last call.
  Ahead take_ahead();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
