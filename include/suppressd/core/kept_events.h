// The events of one address that can still matter, and a checkpoint of older ones.
//
// Events come one by one, in any order, some of them more than once. The fold of what is kept equals the
// fold of all, as long as none is older than the checkpoint and reports are read within
// `report.window`. Pure; not thread-safe: one object per address, for as long as it is being changed.
// Nothing fails.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/fold.h"
#include "suppressd/core/list_event.h"
#include "suppressd/core/list_state.h"

namespace suppressd {

/// If an address has more events than this, the oldest become a checkpoint.
inline constexpr std::size_t kMostKept = 64;
/// The fold of an address with only deliveries is the newest one. This many are kept, because a report
/// may take one back.
inline constexpr std::size_t kMostDeliveriesAlone = 4;
/// The ends in two readings of one event are at most this far apart, and the clock of a report is at
/// most this far behind that of a log.
inline constexpr Duration kReadingsApart = std::chrono::hours(1);
/// Failures of an address without an entry or a streak are kept this long, and at least twice
/// `soft.stale_after`.
inline constexpr Duration kKeepFailures = std::chrono::hours(24 * 360);

/// The fold's whole state after the event `last`. An event that does not sort after it is evidence
/// only. An undo, a revert, a take-back or a pending hour that is learned of later does not change it.
struct Checkpoint {
  ListState state;
  EventId last;

  bool operator==(const Checkpoint&) const = default;
};

class KeptEvents {
 public:
  KeptEvents() = default;
  /// As stored: `events` in any order, each once.
  explicit KeptEvents(std::vector<ListEvent> events, std::optional<Checkpoint> checkpoint = {});

  enum class Taken : std::uint8_t {
    added,          ///< It is new.
    earlier,        ///< Another reading of a kept event, with an earlier end or entry.
    known,          ///< Another reading of a kept event, with nothing new.
    evidence_only,  ///< It is older than the checkpoint: it changes nothing.
  };
  Taken take(ListEvent event);
  /// The log tells the end of this message: drops the events of reports about it. False: there are none.
  bool forget_reports(const MessageKey& message);

  /// Of an `@domain`, whose deliveries no report takes back: only the newest one is kept, which is that of
  /// no certain message, and no failure before it. There must be no checkpoint.
  void deliver_to_domain(Time at);
  /// The newest kept delivery.
  std::optional<EventId> delivery() const;

  /// It is not an event any more. False: it is not kept.
  bool forget(const EventId& event);
  /// Whether another reading would put an event that is kept before the checkpoint, where it would not
  /// count any more.
  bool crosses_checkpoint(std::span<const ListEvent> kept, std::span<const ListEvent> read) const;

  /// Events that are no longer kept, in the fold's order.
  struct Trimmed {
    std::vector<EventId> settled;  ///< They ended before a delivery that no report can take back any more.
    std::vector<EventId> folded;   ///< They are part of the checkpoint now.

    bool empty() const { return settled.empty() && folded.empty(); }
  };
  /// After each event or batch of events. `clock`: when they are read. `most`: events kept at most.
  Trimmed trim(const FoldInput& input, Time clock, std::size_t most = kMostKept);

  /// The same without a clock: only makes the events beyond `most` part of the checkpoint.
  void fold_beyond(const FoldInput& input, std::size_t most = kMostKept);

  /// For retention: drops all failures of an address without an entry or a streak, if the newest is
  /// older than kKeepFailures and all deliveries are settled. Returns the events that are no longer
  /// kept. An event that is read later, and ended more than half of that time before `clock`, may then
  /// be folded without them.
  std::vector<EventId> drop_old_failures(const FoldInput& input, Time clock);

  /// The newest kept delivery that no report can take back any more at `clock`.
  std::optional<EventId> settled_delivery(const FoldInput& input, Time clock) const;

  ListState fold(const FoldInput& input) const;

  const std::vector<ListEvent>& events() const { return events_; }  ///< In the fold's order.
  const std::optional<Checkpoint>& checkpoint() const { return checkpoint_; }
  /// Whether one of these is a kept event, or another reading of one.
  bool keeps(std::span<const ListEvent> told) const;
  /// Whether there are only deliveries, so that the fold is the newest one.
  bool only_deliveries() const;
  /// If only_deliveries(): drops the oldest, down to kMostDeliveriesAlone.
  void drop_old_deliveries();

 private:
  template <typename Gone>
  std::vector<EventId> drop(Gone gone);
  void insert(ListEvent event);
  std::vector<EventId> fold_oldest(const FoldInput& input, std::size_t count);

  std::vector<ListEvent> events_;
  std::optional<Checkpoint> checkpoint_;
};

}  // namespace suppressd
