// Lines of one source that were read and wait a moment, so that many are learned in one transaction.
//
// A transaction writes tens of kilobytes, whatever it is about. Most lines can wait: they teach nothing, open
// a message or tell of a delivery. What may tell of a permanent failure does not wait, nor does what goes
// with it. Held lines are not learned in any way: after a crash, or when a transaction failed, the source
// gives them again. One thread.
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
  static constexpr std::chrono::milliseconds kLongest{250};  ///< The first of them waits so long.
  static constexpr std::size_t kMost = 5000;  ///< Records that are learned together: well below 50 ms.
  static constexpr std::size_t kMostBytes = 1 << 20;

  bool empty() const { return texts_.empty(); }
  /// So many records more, as long as nothing is due.
  std::size_t room() const { return kMost - batch_.records.size(); }
  /// It is of the same stream as what is held.
  bool goes_with(const Source::Batch& next) const { return empty() || next.cursor.id == batch_.cursor.id; }
  /// Copies what it views. It must go with what is held, and nothing may be due.
  void add(Source::Batch next, Moment now);
  /// To be learned now.
  bool due(Moment now) const { return !empty() && (urgent_ || now >= until()); }
  Moment until() const { return since_ + kLongest; }
  /// All that is held, as if it had been read at once.
  const Source::Batch& batch() const { return batch_; }
  void clear();

 private:
  Source::Batch batch_;
  std::deque<std::string> texts_;  ///< What its records view, of each batch one.
  std::size_t bytes_ = 0;
  Moment since_;
  bool urgent_ = false;
};

}  // namespace suppressd
