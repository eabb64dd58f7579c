// A thread that observes a log, ahead of the thread that decides. Private to this layer.
//
// Between them is a queue of at most four chapters of 10,000 lines, whatever the log's length. This
// thread determines where a transaction ends, because the tracker's state belongs to one place in the
// log. next() and the destructor belong to the deciding thread; stream and observer belong to this
// one until the destructor has returned. What goes wrong is the last chapter, an Error.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "suppressd/core/tracked.h"
#include "suppressd/source/replay_stream.h"

#include "observer.h"

namespace suppressd {

class ObservingThread {
 public:
  struct Chapter {
    Observations observed;
    std::optional<TrackerChanges> tracked;  ///< A transaction ends here: changes since the last end.
    ReplayStream::Progress progress;
    bool last = false;
  };

  /// `transaction`: about how many lines one has.
  ObservingThread(ReplayStream& stream, Observer& observer, std::uint64_t transaction);
  ~ObservingThread();
  ObservingThread(const ObservingThread&) = delete;
  ObservingThread& operator=(const ObservingThread&) = delete;

  /// Waits for the next chapter. Must not be called again after the last one or an error.
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
