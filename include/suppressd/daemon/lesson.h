// What a batch of log records teaches: the attempts that were made and what became of sends, in the order of the log.
//
// Made by a LogReader, taken by the Learner, perhaps in another thread. Everything lies behind each other in one string, as of a log that
// is read ahead there are hundreds of thousands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/cursor.h"
#include "suppressd/core/time.h"
#include "suppressd/core/tracker.h"
#include "suppressd/store/line_counts.h"

namespace suppressd {

struct Lesson {
  enum class Kind : std::uint8_t {
    attempt,  ///< One recipient of an attempt; operator_of() tells who runs the mailbox.
    outcome,  ///< outcome() has it.
    sweep,    ///< What has been silent for long is dropped.
  };
  struct Step {
    Time at;
    std::uint32_t place = 0;
    std::uint16_t size = 0;
    Kind kind = Kind::sweep;
  };

  std::vector<Step> steps;
  Cursor cursor;  ///< Where the stream stands behind it; `id` as the source knew it.
  std::vector<Gap> gaps;
  std::uint64_t records = 0;
  std::uint64_t attempts = 0;
  Time day;  ///< On which the lines are counted.
  LineCounts lines;
  std::vector<LineSample> samples;
  /// To those of whom nothing but deliveries is known: the LogReader gathers them. Below 0 where more are told as outcomes, later than they
  /// were gathered, than were gathered now.
  std::int64_t deliveries = 0;

  std::string_view operator_of(const Step& step) const { return std::string_view(bytes_).substr(step.place, step.size); }

  Outcome outcome(const Step& step) const;

  void clear();
  void add_attempt(Time at, std::string_view operator_domain);
  void add_sweep(Time at);
  void add(const Outcome& outcome);
  /// Bytes of memory, about.
  std::size_t size() const;

 private:
  std::string bytes_;
};

}  // namespace suppressd
