// A thread that reads a log and makes its lessons, ahead of the one who learns them. Private to this layer.
//
// Where a transaction is to end is decided here, since the tracker's changes belong to one place in the log.
// Memory is bounded, whatever the log's length. next() and the destructor belong to one thread; stream and
// reader are the other's until the destructor is done.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/packed_changes.h"
#include "suppressd/learn/lesson.h"
#include "suppressd/learn/log_reader.h"
#include "suppressd/source/replay_stream.h"

namespace suppressd {

class ReadAhead {
 public:
  struct Chapter {
    Lesson lesson;
    ReplayStream::Progress progress;
    std::optional<SortedDeliveries>
        gathered;                          ///< Of all since the last ones, where it is time to store them.
    std::optional<PackedChanges> changes;  ///< Of all since the last ones: here ends a transaction.
    bool last = false;

    /// The gathered ones, as long as nobody has sorted them: done by whichever thread is ahead of the other.
    std::optional<NewestDeliveries> unsorted;
    void sort();
    std::size_t size() const;  ///< Bytes of memory, about.
  };

  /// `transaction`: lines, about.
  ReadAhead(ReplayStream& stream, LogReader& reader, std::uint64_t transaction);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Waits for the next one. Not to be called again after the last one or an error.
  Result<std::unique_ptr<Chapter>> next();
  /// Its memory can be used again.
  void done(std::unique_ptr<Chapter> chapter);

 private:
  void work();
  Result<std::unique_ptr<Chapter>> read();
  std::unique_ptr<Chapter> blank();
  bool ahead();
  bool offer(Result<std::unique_ptr<Chapter>> chapter);

  ReplayStream& stream_;
  LogReader& reader_;
  std::uint64_t transaction_;
  std::uint64_t lines_ = 0;  ///< Since the last end of a transaction.
  std::vector<SourceRecord> records_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result<std::unique_ptr<Chapter>>> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::vector<std::unique_ptr<Chapter>> blanks_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace suppressd
