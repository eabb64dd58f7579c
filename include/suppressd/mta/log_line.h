// The lines of one log stream, in any of the forms that are known, to entries.
//
// Owns the stream's clock and the buffer that decoded journal entries live in. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "suppressd/core/event.h"
#include "suppressd/mta/line_clock.h"

namespace suppressd {

class LogLineReader {
 public:
  explicit LogLineReader(LineClock clock) : clock_(std::move(clock)) {}

  /// Views live until the next call and as long as `line`. nullopt: not a log line.
  std::optional<LogEntry> read(std::string_view line);

  const LineClock& clock() const { return clock_; }

 private:
  LineClock clock_;
  std::string decoded_;
};

}  // namespace suppressd
