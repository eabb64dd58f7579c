// Lines of one source that were read and wait a moment, so that many are learned in one transaction.
//
// A transaction writes tens of kilobytes, whatever it is about. Most lines can wait: nothing is
// learned from them, or they open a message or tell of a delivery. A line that may tell of a permanent
// failure does not wait, nor do those that are held with it. Held lines are not learned in any way:
// after a crash or a failed transaction, the source gives them again. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>

#include "suppressd/source/source.h"

namespace suppressd {

class HeldLines {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kLongest{250};  ///< Most that a line waits.
  static constexpr std::size_t kMost = 5000;  ///< Records that are learned together: well below 50 ms.
  static constexpr std::size_t kMostBytes = 1 << 20;

  bool empty() const { return texts_.empty(); }
  /// How many records more can be added, as long as nothing is due.
  std::size_t room() const { return kMost - batch_.records.size(); }
  /// Whether it is of the same stream as what is held.
  bool goes_with(const Source::Batch& next) const { return empty() || next.cursor.id == batch_.cursor.id; }
  /// Copies the texts of the records. `next` must go with what is held, and nothing may be due.
  void add(Source::Batch next, Moment now);
  /// Whether what is held must be learned now.
  bool due(Moment now) const { return !empty() && (urgent_ || now >= until()); }
  Moment until() const { return since_ + kLongest; }
  /// All that is held, as if it had been read at once.
  const Source::Batch& batch() const { return batch_; }
  void clear();

 private:
  Source::Batch batch_;
  std::deque<std::string> texts_;  ///< What the records view: one text per batch.
  std::size_t bytes_ = 0;
  Moment since_;
  bool urgent_ = false;
};

}  // namespace suppressd
