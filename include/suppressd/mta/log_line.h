// Turns the lines of one log stream, in any known form, into entries.
//
// Owns the stream's clock and the buffer for decoded journal entries. Not thread-safe.
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

  /// The entry's views are valid until the next call and while `line` is. nullopt: not a log line.
  std::optional<LogEntry> read(std::string_view line);

  const LineClock& clock() const { return clock_; }

 private:
  LineClock clock_;
  std::string decoded_;
};

}  // namespace suppressd
