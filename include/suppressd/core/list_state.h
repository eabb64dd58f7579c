// What an address is in the list: the result of the fold.
//
// Entries, streak, ladders and newest delivery, as a function of the set of events. It has no "now":
// ends and staleness are dates, and every view takes a time. It is also the fold's whole state, so a
// checkpoint contains one. Plain data; the views are pure and safe from any thread; nothing fails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/list_event.h"
#include "suppressd/core/policy.h"

namespace suppressd {

struct ListEntry {
  SuppressionKind kind = SuppressionKind::hard;
  SuppressionState state = SuppressionState::active;
  Time since;                 ///< End of the event with which it began, even if it was confirmed later.
  std::optional<Time> until;  ///< First second at which it is over; nullopt: never, as of a suspended one.
  // The judgement; of an entry by hand the defaults.
  Category category = Category::ignored;
  Certainty certainty = Certainty::sure;
  std::string rule;
  std::string provider;
  EventId ref;             ///< The event with which it began.
  std::string scope = {};  ///< Whose mail it refuses; empty: all mail, as of all hard and soft ones.
  /// It had no end before its address was confirmed by its owner: if it fails again, it has none again.
  bool was_permanent = false;

  bool ended(Time at) const { return until && *until <= at; }
  bool in_force(Time at) const { return state == SuppressionState::active && !ended(at); }
  /// Whether it is a row of the list at that time: only a pending entry is dropped at its end.
  bool shown(Time at) const { return state != SuppressionState::pending || !ended(at); }
  bool operator==(const ListEntry&) const = default;
};

/// A failed send that counts for the streak.
struct SoftFailure {
  MessageKey message;
  Time ended;

  bool operator==(const SoftFailure&) const = default;
};

/// Position on a ladder of durations.
struct Ladder {
  int step = 0;                    ///< Steps taken since it started.
  std::optional<Time> idle_since;  ///< It starts again `soft.stale_after` from then; nullopt: never.

  bool operator==(const Ladder&) const = default;
};

struct ListState {
  std::vector<ListEntry> entries;     ///< At most one of each kind and scope, in this order.
  std::vector<SoftFailure> soft_set;  ///< In the order of message entry.
  std::optional<Time> newest_soft;    ///< Newest end in the soft set.
  Ladder hard_ladder;                 ///< Of hard entries that end, of both lengths.
  Ladder soft_ladder;
  std::optional<EventId> delivery;  ///< The newest one.
  std::optional<ListEntry>
      hard_failure;  ///< The newest one that was not pending, as the suspended entry after a delivery.

  const ListEntry* find(SuppressionKind kind, std::string_view scope = {}) const;
  ListEntry* find(SuppressionKind kind, std::string_view scope = {});
  /// The entry that refuses mail at that time, the first in the order of kinds; nullptr: none.
  const ListEntry* refusing(Time at) const;
  /// The failed sends that count at that time, in the order of entry. The streak is their number.
  std::vector<SoftFailure> streak(const PolicySettings& settings, Time at) const;
  /// Whether no learned entry, no streak and no step on a ladder is left at that time.
  bool nothing_learned(const PolicySettings& settings, Time at) const;
  bool operator==(const ListState&) const = default;
};

/// More failed sends than this in the set, and those go that do not count.
inline constexpr std::size_t kMostSoft = 64;
void drop_uncounted(std::vector<SoftFailure>& set, Duration min_interval);

/// How many of the set count: the first one, then each that entered at least `min_interval` after the
/// last one that counted. `set` is in the order of entry.
int count_streak(const std::vector<SoftFailure>& set, Duration min_interval);

}  // namespace suppressd
