// The breaker: mail of a campaign, list source, account or sender domain whose rates are harmful is paused,
// tested with a batch of messages, and let through again.
//
// A pure function of the alert's opening, of what became of the test messages, and of the clock. After each
// of the pauses a batch of test messages goes out; if too many of them are dead, the next pause begins, and
// after the last one only an operator ends it. Plain data and pure functions; nothing fails.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/tags.h"

namespace suppressd {

enum class BreakerDimension : std::uint8_t { campaign, source, account, sender_domain };
inline constexpr std::array kBreakerDimensions{BreakerDimension::campaign, BreakerDimension::source,
                                               BreakerDimension::account, BreakerDimension::sender_domain};
std::string_view name_of(BreakerDimension dimension);  ///< As in `rate` and `alert`: `sender-domain`
std::optional<BreakerDimension> breaker_dimension_from(std::string_view name);

/// What happens to mail that is paused: it is deferred, or accepted into the MTA's hold queue. Mail of the
/// `sendmail` command is always held, because Postfix would keep it in its maildrop.
enum class BreakerAction : std::uint8_t { tempfail, hold };

struct BreakerSettings {
  std::vector<BreakerDimension> dimensions;  ///< That are watched; empty: the breaker is off.
  BreakerAction action = BreakerAction::tempfail;
  std::vector<Duration> pauses = {std::chrono::hours(1), std::chrono::hours(4), std::chrono::hours(24)};
  std::int64_t test_messages = 400;
  Duration test_for =
      std::chrono::hours(4);  ///< From the first test message on; then those that ended count.

  bool on() const { return !dimensions.empty(); }
  bool watches(BreakerDimension dimension) const;
  bool operator==(const BreakerSettings&) const = default;
};

/// The tag of that dimension; null: it is no tag.
const TagSource* source_of(const TagSources& sources, BreakerDimension dimension);
const std::string* tag_of(const Tags& tags, BreakerDimension dimension);
/// Whether a message's name in it is known at MAIL already, or only after its header.
bool known_at_mail(const TagSources& sources, BreakerDimension dimension);

/// What may be paused. The name is that of the rates.
struct BreakerPlace {
  BreakerDimension dimension = BreakerDimension::campaign;
  std::string name;

  std::string words() const;  ///< `campaign spring`
  auto operator<=>(const BreakerPlace&) const = default;
};

enum class BreakerState : std::uint8_t {
  paused,
  testing,  ///< Paused, but for the test messages.
  by_hand,  ///< Paused until somebody resumes it.
  closed,   ///< Its mail flows.
  resumed,  ///< By hand: its mail flows, whatever its rates are.
};
std::string_view name_of(BreakerState state);
std::optional<BreakerState> breaker_state_from(std::string_view name);
inline bool stops_mail(BreakerState state) {
  return state <= BreakerState::by_hand;
}

/// Row in `breaker`.
struct Breaker {
  BreakerPlace place;
  std::string brought_by;  ///< Only mail from there is paused; empty: from anywhere. See bringer().
  BreakerState state = BreakerState::closed;
  Time opened;                       ///< By its last alert.
  Time since;                        ///< When the state began.
  std::optional<Time> until;         ///< Paused: when the test begins. Resumed: until then.
  std::int64_t pauses = 0;           ///< Begun since it opened.
  std::string why;                   ///< The rate of its last alert, in words.
  std::int64_t alert = 0;            ///< The newest alert that was acted on, or ignored.
  std::optional<Time> counted_from;  ///< What was sent before is in no window of its alerts any more.
  std::string actor;                 ///< suppressd, or who resumed it.
  std::string note;

  bool operator==(const Breaker&) const = default;
};

/// A critical alert that is open, about hard failures or complaints.
struct BreakerAlert {
  std::int64_t id = 0;
  BreakerPlace place;
  Time opened;
  std::string why;
  std::string brought_by;  ///< Who brought the tag first; empty: it is not known, or the name says it.
};

/// Row in `breaker_test`: a message that was let through to test whether a breaker may close.
struct TestMessage {
  BreakerPlace place;
  std::string queue_id;
  Time since;                   ///< End of the message.
  std::int64_t recipients = 0;  ///< These two: of them, how many sends have ended.
  std::int64_t ended = 0;
  std::vector<std::string> failed;  ///< Addresses that failed hard, or complained.

  bool operator==(const TestMessage&) const = default;
};

/// What is known of a test.
struct BreakerTest {
  std::int64_t messages = 0;
  std::int64_t sends = 0;
  std::int64_t ended = 0;
  std::int64_t dead = 0;      ///< Of these; or complaints. What an incident excuses is not among them.
  std::optional<Time> first;  ///< First message.

  bool operator==(const BreakerTest&) const = default;
};

/// Of so many sends that ended, as many dead ones let a test pass: 2 %, and so 8 of 400.
std::int64_t most_dead(std::int64_t ended);

/// All that the breakers of a database depend on.
struct BreakerView {
  std::vector<Breaker> breakers;
  std::vector<BreakerAlert> alerts;
  std::map<BreakerPlace, BreakerTest> tests;  ///< Of those that are tested.
  std::map<BreakerPlace, std::int64_t> newest_alerts;
};

/// An alert that was opened longer ago opens no breaker: the breaker was off, or an old log was read.
inline constexpr Duration kAlertIsNews = std::chrono::hours(24);

/// As it is at `now`; itself, if nothing has changed.
Breaker advance(Breaker breaker, const BreakerTest& test, std::int64_t newest_alert,
                const BreakerSettings& settings, Time now);
/// Breakers that are new, or stand otherwise than before, in the order of their places.
std::vector<Breaker> step(const BreakerView& view, const BreakerSettings& settings, Time now);
/// By hand: its mail flows for `length`, and what was sent before counts no more.
Breaker resume(Breaker breaker, std::int64_t newest_alert, Duration length, std::string actor,
               std::string note, Time now);

/// For people: `campaign spring is paused until 2026-11-30T05:00:00Z: hard failures 12.0 % (12 of 100) in
/// 24h`
std::string words_of(const Breaker& breaker);

/// `spring (by login eve)`: the name under which a tag counts that somebody else brought first.
std::string foreign_name(std::string_view value, std::string_view brought_by);
/// Whether a tag looks like such a name. It always gets another one, so that no tag is taken for one.
bool looks_foreign(std::string_view value);

}  // namespace suppressd
