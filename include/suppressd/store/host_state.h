// The state of this host as an operator asks for it: what was read of its logs, the list in numbers, the last
// refusal. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/cursor.h"
#include "suppressd/core/refusal.h"
#include "suppressd/store/line_counts.h"

namespace suppressd {

struct HostState {
  struct Kind {
    std::string kind;
    std::int64_t entries = 0;  ///< In force.
  };

  std::vector<Cursor> cursors;  ///< Of all logs that were followed or replayed, the newest state first.
  std::vector<Gap> gaps;        ///< That were noticed since `since`, newest first.
  LineCounts lines;             ///< Since `since`.
  std::vector<Kind> kinds;      ///< Of entries, the most frequent first.
  std::int64_t pending = 0;
  std::int64_t streaks = 0;  ///< Running ones.
  std::int64_t at_risk = 0;  ///< Of which the next failed send suppresses.
  std::optional<Refusal> last_refusal;
  std::int64_t refusals = 0;     ///< In the last 24 hours.
  std::int64_t waiting = 0;      ///< Events that are ahead of the clock.
  std::optional<Time> farthest;  ///< The last of them.
  std::string mode;              ///< `milter.mode` as the daemon has read it last.
  std::string health;            ///< What the daemon has said of itself last; empty: it has never run.
  std::optional<Time> health_since;
};

}  // namespace suppressd
