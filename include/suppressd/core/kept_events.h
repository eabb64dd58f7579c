// The events of one address that can still matter, and the checkpoint of those that cannot be told apart any
// more.
//
// Events come one by one, in any order, some of them again; the fold of what is kept equals the fold of all,
// as long as none is older than the checkpoint and reports are read within `report.window`. Each change
// returns what the store has to write. Pure; not thread-safe: one object per address, for as long as it is
// being changed. Nothing fails.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/fold.h"
#include "suppressd/core/list_event.h"
#include "suppressd/core/list_state.h"

namespace suppressd {

/// More kept events of one address than this become a checkpoint.
inline constexpr std::size_t kMostKept = 64;
/// Of an address of which nothing but deliveries is known only the newest is its fold; so many are kept for
/// reports that take one back.
inline constexpr std::size_t kMostDeliveriesAlone = 4;
/// Two readings of one event tell ends at most this much apart, and a report's clock is not further behind a
/// log's.
inline constexpr Duration kReadingsApart = std::chrono::hours(1);
/// Failures of an address of which nothing is learned are kept this long, but at least twice
/// `soft.stale_after`.
inline constexpr Duration kKeepFailures = std::chrono::hours(24 * 360);

/// The fold's whole state after the event `last`. An event that does not sort after it is evidence only. An
/// undo, a revert, a take-back or a pending hour that is learned of later does not reach into it.
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

  struct Taken {
    enum class What : std::uint8_t {
      added,          ///< It is new.
      earlier,        ///< A reading of one that is kept, whose end or entry it puts earlier.
      known,          ///< A reading of one that is kept, with nothing new.
      evidence_only,  ///< It is older than the checkpoint: it changes nothing.
    };
    What what = What::added;
    std::optional<EventId> replaced;  ///< `earlier`: as it was kept before.
    std::optional<EventId> kept;      ///< As it is kept now; nullopt: it is not.
  };
  Taken take(ListEvent event);
  /// What reports told of a message counts no more: the log tells its end. False: they told nothing.
  bool forget_reports(const MessageKey& message);

  /// What is no longer kept, in the fold's order.
  struct Trimmed {
    std::vector<EventId> settled;  ///< Before a delivery that no report can take back any more.
    std::vector<EventId> folded;   ///< Part of the checkpoint now, which has changed.

    bool empty() const { return settled.empty() && folded.empty(); }
  };
  /// After each event or batch of events. `clock`: when they are read. `most`: events kept at most.
  Trimmed trim(const FoldInput& input, Time clock, std::size_t most = kMostKept);

  /// The same without a clock, so that only what is beyond `most` becomes part of the checkpoint.
  void fold_beyond(const FoldInput& input, std::size_t most = kMostKept);

  /// For retention: all failures of an address of which nothing is learned, if the newest is older than
  /// kKeepFailures and all deliveries are settled. Returns what is no longer kept. An event that ended more
  /// than half of that before `clock` and is read only after it may then be folded without them.
  std::vector<EventId> drop_old_failures(const FoldInput& input, Time clock);

  /// The newest delivery that no report can take back any more at `clock`, of those that are kept.
  std::optional<EventId> settled_delivery(const FoldInput& input, Time clock) const;

  ListState fold(const FoldInput& input) const;

  const std::vector<ListEvent>& events() const { return events_; }  ///< In the fold's order.
  const std::optional<Checkpoint>& checkpoint() const { return checkpoint_; }
  /// Whether an outcome tells an event that is kept, or is another reading of one.
  bool keeps(const Outcome& outcome) const;
  /// Nothing but deliveries, so that the fold is the newest of them.
  bool only_deliveries() const;
  /// Of only_deliveries(): those beyond kMostDeliveriesAlone.
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
