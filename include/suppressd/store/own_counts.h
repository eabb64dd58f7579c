// What incidents of our own are found from, as it is stored. Plain data.
#pragma once

#include <cstdint>
#include <string>

#include "suppressd/base/time.h"
#include "suppressd/core/our_side.h"

namespace suppressd {

/// Row in `local_attempt`.
struct LocalAttemptRow {
  std::string host;
  Time start;
  std::string domains;  ///< Sample::text()
};

/// Row in `sender_send`.
struct SenderSendRow {
  std::string provider;
  Time start;
  OurSide side;
  std::string text = {};  ///< Empty: the row of `others`.
  std::int64_t others = 0;
  std::string sends = {};  ///< Sample::text()
  std::string example = {};
};

}  // namespace suppressd
