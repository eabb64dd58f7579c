// A thread that observes a log ahead of the one who decides. Private to this layer.
//
// Between them is a queue of chapters, bounded in bytes, whatever the log's length. Where a transaction may
// end is settled here, since what the tracker holds belongs to one place in the log. next() and the destructor
// belong to one thread; stream and observer are the other's until the destructor is done.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "suppressd/core/tracked.h"
#include "suppressd/learn/observer.h"
#include "suppressd/source/replay_stream.h"

namespace suppressd {

class ObservingThread {
 public:
  struct Chapter {
    Observations observed;
    std::optional<TrackerChanges> tracked;  ///< Since the last ones: here a transaction ends.
    ReplayStream::Progress progress;
    bool last = false;
  };

  /// `transaction`: lines, about.
  ObservingThread(ReplayStream& stream, Observer& observer, std::uint64_t transaction);
  ~ObservingThread();
  ObservingThread(const ObservingThread&) = delete;
  ObservingThread& operator=(const ObservingThread&) = delete;

  /// Waits for the next one. Not to be called again after the last one or an error.
  Result<Chapter> next();

 private:
  void work();
  Result<Chapter> observe();
  bool offer(Result<Chapter> chapter);

  ReplayStream& stream_;
  Observer& observer_;
  std::uint64_t transaction_;
  std::uint64_t lines_ = 0;  ///< Since the last end of a transaction.
  std::vector<SourceRecord> records_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result<Chapter>> waiting_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace suppressd
