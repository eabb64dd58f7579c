// What an attempt in the log means: a hand-over, relayed, delivered, or a failure, and whose provider it is.
//
// Learning and `suppressctl classify` ask this one object, so that they never disagree. It remembers what it
// found out about hosts that come again. One thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "suppressd/base/text.h"
#include "suppressd/core/event.h"
#include "suppressd/core/rules.h"
#include "suppressd/core/tracker.h"
#include "suppressd/learn/relays.h"

namespace suppressd {

class AttemptJudge {
 public:
  /// `rules` must outlive it.
  AttemptJudge(const Ruleset& rules, Relays relays) : rules_(&rules), relays_(std::move(relays)) {}

  /// What is the same for all recipients of an attempt.
  struct Meaning {
    Tracker::AttemptFacts facts;
    Standing failed;              ///< Of the host at which it failed.
    const std::string* provider;  ///< Who runs the host that was spoken to; nullptr: the address tells.
  };
  /// Valid until the next call.
  Meaning meaning_of(const Attempt& attempt);
  /// Who runs the mailboxes of `domain`.
  static std::string provider_of(const Meaning& meaning, std::string_view domain);
  /// A failed attempt for a recipient of `domain`, as the rules judge it. Valid as long as its arguments.
  static Failure failure_of(const Attempt& attempt, const Meaning& meaning, std::string_view domain,
                            std::string_view provider);
  Judgement judge(const Failure& failure) const { return rules_->classify(failure); }

 private:
  const Peer& peer_of(const Relay& relay);

  const Ruleset* rules_;
  Relays relays_;
  std::unordered_map<std::string, Peer, TextHash, std::equal_to<>> peers_;  ///< By `relay=` as logged.
  Peer rare_;                                                               ///< Too long to be kept.
};

}  // namespace suppressd
