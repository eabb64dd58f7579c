// Sends at one provider, and those of them whose failed attempts blame us.
//
// Counted are, by five minutes, and by our host, sender domain and campaign: sends that ended in another way,
// and the sends with a failed attempt that blames us, by what was said (normal_text()). A send counts once
// within an hour, however often it is tried. There is an incident where, within an hour, 20 sends and a tenth
// of all were blamed: of a host, a sender domain or a campaign, whichever has the greatest share; what it
// explains is left out for the others. It closes with the first hour in which less than a tenth was blamed.
//
// Memory is bounded by the sends of kOwnCountsKept: of many blamed ones a sample is kept. Not thread-safe;
// nothing fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/our_side.h"
#include "suppressd/core/own_incident.h"
#include "suppressd/core/sample.h"

namespace suppressd {

inline constexpr Duration kSenderWindow = std::chrono::hours(1);

class SenderSends {
 public:
  struct Blamed {
    Sample sends;
    std::string example;  ///< The first reply that was read.
    bool changed = false;
  };
  /// Of one host, sender domain and campaign.
  struct Counts {
    std::int64_t others = 0;                            ///< Sends that ended, and do not blame us.
    bool changed = false;                               ///< `others`
    std::map<std::string, Blamed, std::less<>> blamed;  ///< By what was said.
  };
  using Bucket = std::map<OurSide, Counts>;
  using Buckets = std::map<Time, Bucket>;

  /// `count` -1: it was known before.
  void add_other(const OurSide& side, Time at, std::int64_t count = 1);
  /// Whether it is new.
  bool add_blamed(const OurSide& side, Time at, std::uint64_t send, std::string text, std::string_view said);
  void load(Time start, const OurSide& side, std::int64_t others);
  void load(Time start, const OurSide& side, const std::string& text, Blamed blamed);
  /// Of a host. Whether something is left.
  bool forget(std::string_view host, Time before);

  /// So many were blamed in the newest hour that an incident may be found.
  bool may_open() const;
  /// Newest five minutes of a host; min(): none.
  Time newest(std::string_view host) const;

  using States = std::map<OurSide, OwnState>;  ///< Of an incident's side.
  /// The incidents, from what is known at `from`, in what these hosts sent. `wide`: also those of sender
  /// domains and campaigns.
  States find(Time from, States known, const std::set<std::string>& hosts, bool wide) const;

  struct Said {
    std::string text;
    std::string example;
  };
  /// What was said most often, of those of a side, from then on.
  Said said_most(const OurSide& side, Time from) const;

  Buckets& buckets() { return buckets_; }
  const Buckets& buckets() const { return buckets_; }

 private:
  Counts& counts_of(const OurSide& side, Time start);

  Buckets buckets_;
};

}  // namespace suppressd
