// Observing a log: from its records to what they tell. All of learning that needs no database.
//
// Dialect, classifier and send tracker, wired. The tracker's state is the database's: load() it before the
// first batch, store take_changes() in the transaction in which what was observed is stored. One thread at a
// time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/core/rules.h"
#include "suppressd/core/tracker.h"
#include "suppressd/learn/attempt_judge.h"
#include "suppressd/learn/settings.h"
#include "suppressd/mta/dialect.h"
#include "suppressd/source/source.h"

#include "observations.h"
#include "own_host.h"
#include "probe_watch.h"

namespace suppressd {

class Observer {
 public:
  /// `rules` must outlive it. No `own_host`: this machine, of which the resolver is asked when something is
  /// read.
  Observer(const LearnSettings& config, const Ruleset& rules, std::optional<OwnHost> own_host = {});

  void load(std::vector<StoredMessage> messages, std::vector<TagNote> notes, std::optional<TagGap> gap) {
    tracker_.load(std::move(messages), std::move(notes), gap);
  }
  void tag(const std::vector<TagNote>& notes) {
    for (const auto& note : notes) tracker_.tag(note);
  }
  /// Once a minute: there may be many notes.
  void drop_tags(Time before) {
    if (before < tags_dropped_ + std::chrono::minutes(1)) return;
    tags_dropped_ = before;
    tracker_.drop_tags(before);
  }
  TrackerChanges take_changes() { return tracker_.take_changes(); }

  /// From now on, what the log tells of their messages is part of what a batch tells.
  ProbeWatch& probe_watch() { return probe_watch_; }

  /// What the batch tells. Error: a time zone that the system does not know.
  Result<Observations> observe(const Source::Batch& batch);

 private:
  void read_entry(LogEntry entry, Observations& observed);
  void count(Understood understood, const LogEntry& entry, Observations& observed);
  /// Fills targets_.
  Tracker::AttemptFacts read_attempt(const Event& event, Observations& observed);
  /// Keeps a failed attempt that may be our own fault.
  static void note_failure(const Event& event, const Tracker::Target& target, const Tracker::KnownSend& known,
                           Observations& observed);
  /// Whether an attempt that the MTA tries again would have been a hard failure.
  bool is_soft_bounce(Failure failure) const;
  const std::shared_ptr<const FailureReason>& known_reason(const Failure& failure, std::string_view relay);
  void make_reason_key(const Failure& failure, std::string_view relay);
  std::shared_ptr<const FailureReason> reason_of(const Failure& failure, std::string_view relay) const;

  const Dialect* dialect_;
  std::string zone_;
  std::optional<OwnHost> own_host_;
  AttemptJudge judge_;
  Tracker tracker_;
  Time tags_dropped_ = Time::min();
  ProbeWatch probe_watch_;
  std::vector<Tracker::Target> targets_;  ///< Used again for every line.
  Time newest_;  ///< Times after it are of a wrong clock: a day after the log was written.
  std::size_t outcomes_before_ = 0;  ///< In the last batch: the next will have about as many.

  /// By all that they are made of; bounded, whatever a log says.
  std::unordered_map<std::string, std::shared_ptr<const FailureReason>> reasons_;
  std::string reason_key_;
  std::shared_ptr<const FailureReason> rare_reason_;
};

}  // namespace suppressd
