// From log records to lessons: parser, classifier and send tracker, wired. All of learning that needs no
// database.
//
// The tracker's state is the database's: load() it before the first batch, store take_changes() in the
// transaction in which what the lessons teach is stored. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/history_filter.h"
#include "suppressd/core/newest_deliveries.h"
#include "suppressd/core/rules.h"
#include "suppressd/core/tracker.h"
#include "suppressd/learn/lesson.h"
#include "suppressd/learn/own_host.h"
#include "suppressd/learn/relays.h"
#include "suppressd/learn/settings.h"
#include "suppressd/mta/dialect.h"
#include "suppressd/source/source.h"

namespace suppressd {

class LogReader {
 public:
  /// `rules` must outlive it. No `own_host`: this machine, of which the resolver is asked when something is
  /// read.
  LogReader(const LearnSettings& config, const Ruleset& rules, std::optional<OwnHost> own_host = {});

  void load(std::vector<StoredMessage> messages) { tracker_.load(std::move(messages)); }
  PackedChanges take_changes() { return tracker_.take_changes(); }
  /// From now on deliveries to addresses that `history` does not contain, and that have not failed since,
  /// stand in no lesson: they are gathered, to be stored in the same transaction.
  void gather(HistoryFilter history) { history_ = std::move(history); }
  /// So many were gathered that they should be handed on.
  bool full() const { return gathered_.full(); }
  NewestDeliveries take_gathered() { return std::exchange(gathered_, {}); }

  /// What the batch teaches. Error: a time zone that the system does not know.
  Status read(const Source::Batch& batch, Lesson& lesson);

 private:
  /// What was found out about a text that comes again and again; bounded, whatever a log says.
  template <typename Value, std::size_t kept = 20000>
  class Found {
   public:
    template <typename FindOut>
    const Value& of(std::string_view text, FindOut&& find_out) {
      if (text.size() > kLongest) return rare_ = find_out();
      if (const auto known = known_.find(text); known != known_.end()) return known->second;
      if (known_.size() >= kept) known_.clear();
      return known_.emplace(std::string{text}, find_out()).first->second;
    }

   private:
    static constexpr std::size_t kLongest = 1000;
    std::unordered_map<std::string, Value, TextHash, std::equal_to<>> known_;
    Value rare_;
  };

  void read_entry(LogEntry entry, Lesson& lesson);
  void count(Understood understood, const LogEntry& entry, Lesson& lesson);
  void read_attempt(Tracker::AttemptFacts& facts, Lesson& lesson);
  void find_reasons(Standing failed);
  std::shared_ptr<const FailureReason> reason_of(const Failure& failure, const std::string& provider) const;
  void tell(Lesson& lesson);
  void begin_history(const std::string& address, Lesson& lesson);
  const Peer& peer_of(const Relay& relay);

  const Dialect* dialect_;
  std::string zone_;
  const Ruleset* rules_;
  std::optional<OwnHost> own_host_;
  Relays relays_;
  Tracker tracker_;
  Found<Peer> peers_;                                          ///< By `relay=` as logged.
  Found<std::shared_ptr<const FailureReason>, 1000> reasons_;  ///< By all that they are made of.
  std::string reason_key_;
  std::optional<HistoryFilter> history_;
  NewestDeliveries gathered_;

  const Event* event_ = nullptr;  ///< What the line told that is being read.

  // Used again for every line.
  std::vector<Tracker::Target> targets_;
  Tracker::Findings findings_;
};

}  // namespace suppressd
