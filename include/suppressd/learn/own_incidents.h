// Incidents of our own: failed attempts and ends of sends in, times in which failures count less out.
//
// Counts and incidents are a function of what the logs tell, however they are cut, as long as each host's log
// is read in its order. All counts of the last two hours are in memory, and in the tables `local_attempt` and
// `sender_send`. One thread; after an Error the batch must be dropped, and forget() called.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/fold.h"
#include "suppressd/core/local_attempts.h"
#include "suppressd/core/own_incident.h"
#include "suppressd/core/sender_sends.h"
#include "suppressd/learn/provider_incidents.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

class OwnIncidents {
 public:
  Status load(Batch& batch);
  void forget() { *this = {}; }

  /// Whether this is the first event of a host in five minutes: then judge() is due, and turn().
  bool turns(std::string_view host, Time at) { return at >= of_host(host).newest + kOwnBucket; }
  /// Begins them, and forgets what is too old.
  void turn(std::string_view host, Time at);

  /// A first attempt to a domain that took mail within 180 days.
  void add_first(std::string_view host, std::string_view domain, Time at, bool failed);
  /// A send that ended, and does not blame us; `count` -1: it was known before.
  void add_ended(std::string_view provider, const OurSide& side, Time at, std::int64_t count = 1);
  void add_blamed(const FailedAttempt& attempt);

  /// Finds the incidents again where something was counted that may change them. Returns the times in which
  /// failures count less now and did not, or do no longer.
  std::vector<OwnRange> judge();
  /// Stores all.
  Status save(Batch& batch);

  std::span<const OwnRange> local() const { return local_; }
  std::span<const OwnRange> senders() const { return senders_; }
  std::vector<IncidentNews> take_news() { return std::exchange(news_, {}); }

 private:
  struct Group {
    IncidentKind kind = IncidentKind::local;
    std::string provider;
    OurSide side;

    auto operator<=>(const Group&) const = default;
  };
  struct Row {
    Incident incident;
    bool changed = false;
    bool news = false;
  };
  struct Host {
    Time newest = Time::min();  ///< Five minutes.
    bool turned = false;        ///< What is stored may be too old.
    bool suspect = false;       ///< A domain was counted since it was judged.
    LocalAttempts attempts;
  };
  struct Provider {
    std::set<std::string> suspect;  ///< Hosts whose counts changed since it was judged.
    std::set<Time> unsaved;         ///< Five minutes.
    bool any_row = false;           ///< It has incidents.
    SenderSends sends;
  };
  /// What is judged again: what opened after `from`, or was open then, but nothing that opened after `up_to`:
  /// that is of a log which was read before.
  struct Period {
    Time from;
    Time up_to;
  };
  Host& of_host(std::string_view name);
  Provider& of_provider(std::string_view name);
  static bool is_judged(const Row& row, const Period& period);
  OwnState known(std::span<const Row> rows, const Period& period) const;
  void judge_host(const std::string& name, Host& counts, std::vector<OwnRange>& changed);
  void judge_provider(const std::string& name, Provider& counts, const std::string& host,
                      std::vector<OwnRange>& changed);
  void merge(const Group& group, const Period& period, std::span<const IncidentSpan> found,
             std::vector<OwnRange>& changed);
  Status save_counts(Batch& batch);
  void list_ranges();

  std::unordered_map<std::string, Host, TextHash, std::equal_to<>> hosts_;
  std::unordered_map<std::string, Provider, TextHash, std::equal_to<>> providers_;
  std::set<std::string> suspects_;  ///< Providers.
  std::pair<const std::string, Host>* newest_host_ = nullptr;
  std::map<Group, std::vector<Row>> rows_;
  std::vector<Incident> removed_;
  bool rows_changed_ = false;
  std::vector<OwnRange> local_;
  std::vector<OwnRange> senders_;
  std::vector<IncidentNews> news_;
};

}  // namespace suppressd
