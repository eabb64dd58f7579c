// What the database itself must know of the configuration: its views, and programs that read them, have no
// other way to know it.
//
// Kept in `meta` under the names of the configuration's keys; written by Ledger::save. Plain data.
#pragma once

#include <optional>
#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

struct ViewSettings {
  Duration stale_after = kForever;  ///< `soft.stale_after`, for v_streak.
  // A program that only learns leaves these as they are (nullopt).
  std::optional<std::string> mode;  ///< `milter.mode`, for the transport maps.
  std::optional<std::string>
      recipient_delimiter;  ///< `milter.recipient_delimiter`, for whom an entry or an exemption covers.
};

}  // namespace suppressd
