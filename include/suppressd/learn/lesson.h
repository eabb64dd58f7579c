// What a batch of log records teaches: the attempts that were made and what became of sends, in the order of
// the log.
//
// Made by a LogReader, taken by the Learner, perhaps in another thread. Packed, as of a log that is read
// ahead there are hundreds of thousands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/cursor.h"
#include "suppressd/core/packed.h"
#include "suppressd/core/tracker.h"
#include "suppressd/core/word_list.h"
#include "suppressd/store/line_counts.h"

namespace suppressd {

struct Lesson {
  Cursor cursor;  ///< Where the stream stands behind it; `id` as the source knew it.
  std::vector<Gap> gaps;
  std::uint64_t records = 0;
  std::uint64_t attempts = 0;
  Time day;  ///< On which the lines are counted.
  LineCounts lines;
  std::vector<LineSample> samples;
  /// To those of whom nothing but deliveries is known: the LogReader gathers them. Below 0 where more are
  /// told as outcomes, later than they were gathered, than were gathered now.
  std::int64_t deliveries = 0;

  void clear();
  /// One recipient of an attempt; the provider runs the mailbox.
  void add_attempt(Time at, std::string_view provider);
  /// What has been silent for long is dropped.
  void add_sweep(Time at);
  void add(const Outcome& outcome);
  /// Bytes of memory, about.
  std::size_t size() const { return sizeof *this + bytes_.capacity() + words_.memory(); }

  enum class Kind : std::uint8_t { attempt, outcome, sweep };

  /// Goes through what was added, in that order. The lesson must stay as it is.
  class Reader {
   public:
    explicit Reader(const Lesson& lesson)
        : lesson_(lesson), unpacker_(lesson.bytes_.data()), left_(lesson.steps_) {}
    /// False: that was all.
    bool next();
    Kind kind() const { return kind_; }
    /// Of an attempt and of a sweep.
    Time at() const { return at_; }
    std::string_view provider() const { return provider_; }
    const Outcome& outcome() const { return outcome_; }

   private:
    const Lesson& lesson_;
    Unpacker unpacker_;
    std::size_t left_;
    Kind kind_ = Kind::sweep;
    Time at_;
    std::string_view provider_;
    Outcome outcome_;
  };

 private:
  std::string bytes_;
  WordList words_;  ///< Providers, and what most outcomes say in the same words.
  std::size_t steps_ = 0;
  Time last_;  ///< Times follow each other closely, so that the difference is short.
};

}  // namespace suppressd
