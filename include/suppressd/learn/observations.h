// What a batch of log records tells: attempts, and what became of sends, in the order of the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/base/time.h"
#include "suppressd/core/cursor.h"
#include "suppressd/core/outcome.h"
#include "suppressd/store/line_counts.h"

namespace suppressd {

struct Observations {
  Cursor cursor;  ///< Where the stream stands behind them; `id` as the source knew it.
  std::vector<Gap> gaps;
  std::uint64_t records = 0;
  Time day;  ///< On which the lines are counted.
  LineCounts lines;
  std::vector<LineSample> samples;

  struct Step {
    enum class Kind : std::uint8_t { attempt, outcome, sweep };
    Kind kind = Kind::attempt;
    std::uint32_t index = 0;  ///< Of the provider of an attempt; of an outcome.
    Time at;
  };
  std::vector<Step> steps;
  std::vector<std::string> providers;
  std::vector<Outcome> outcomes;
  std::uint64_t attempts = 0;  ///< Lines that tell of one.

  /// One recipient of an attempt; `provider` runs the mailbox.
  void add_attempt(Time at, std::string_view provider);
  /// What has been silent for long is dropped.
  void add_sweep(Time at) { steps.push_back({Step::Kind::sweep, 0, at}); }
  void add(Outcome outcome);

 private:
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> index_;
};

}  // namespace suppressd
