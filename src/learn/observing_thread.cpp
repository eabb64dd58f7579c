#include "observing_thread.h"

#include <algorithm>
#include <new>
#include <utility>

namespace suppressd {
namespace {

constexpr std::uint64_t kLines = 10000;  // in a chapter
constexpr std::size_t kWaiting = 4;      // chapters, some megabytes each

}  // namespace

ObservingThread::ObservingThread(ReplayStream& stream, Observer& observer, std::uint64_t transaction)
    : stream_(stream), observer_(observer), transaction_(transaction), thread_([this] { work(); }) {}

ObservingThread::~ObservingThread() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<ObservingThread::Chapter> ObservingThread::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_.empty(); });
  auto chapter = std::move(waiting_.front());
  waiting_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return chapter;
}

Result<ObservingThread::Chapter> ObservingThread::observe() {
  auto lines = stream_.read(std::min(kLines, transaction_), std::move(records_));
  if (!lines) return lines.error();
  auto observed = observer_.observe(*lines);
  if (!observed) return Error{stream_.name() + ": " + observed.error().message};
  records_ = std::move(lines->records);
  stream_.stored(observed->cursor);
  lines_ += observed->records;
  Chapter chapter{
      .observed = std::move(*observed), .tracked = {}, .progress = stream_.progress(), .last = !lines->more};
  if (chapter.last || lines_ >= transaction_) {
    chapter.tracked = observer_.take_changes();
    lines_ = 0;
  }
  return chapter;
}

// False: the other thread wants no more.
bool ObservingThread::offer(Result<Chapter> chapter) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || waiting_.size() < kWaiting; });
  if (stopped_) return false;
  const bool more = chapter && !chapter->last;
  waiting_.push_back(std::move(chapter));
  lock.unlock();
  changed_.notify_all();
  return more;
}

void ObservingThread::work() {
  try {
    while (offer(observe())) continue;
  } catch (const std::bad_alloc&) {
    offer(Error{stream_.name() + ": out of memory while it was read"});
  }
}

}  // namespace suppressd
