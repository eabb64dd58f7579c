#include "read_ahead.h"

#include <algorithm>
#include <new>
#include <utility>

namespace suppressd {
namespace {

constexpr std::uint64_t kBatch = 10000;
constexpr std::size_t kBytes = 8 * 1024 * 1024;
constexpr std::size_t kBlanks = 2;

}  // namespace

std::size_t ReadAhead::Chapter::size() const {
  return lesson.size() + (gathered ? gathered->memory() : 0) + (unsorted ? unsorted->memory() : 0);
}

void ReadAhead::Chapter::sort() {
  if (!unsorted) return;
  gathered = unsorted->take_sorted();
  unsorted.reset();
}

ReadAhead::ReadAhead(ReplayStream& stream, LogReader& reader, std::uint64_t transaction)
    : stream_(stream), reader_(reader), transaction_(transaction), thread_([this] { work(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<std::unique_ptr<ReadAhead::Chapter>> ReadAhead::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_.empty(); });
  auto chapter = std::move(waiting_.front());
  waiting_.pop_front();
  if (chapter) waiting_bytes_ -= (*chapter)->size();
  lock.unlock();
  changed_.notify_all();
  if (chapter) (*chapter)->sort();
  return chapter;
}

void ReadAhead::done(std::unique_ptr<Chapter> chapter) {
  chapter->changes.reset();
  chapter->gathered.reset();
  const std::lock_guard lock(mutex_);
  if (blanks_.size() < kBlanks) blanks_.push_back(std::move(chapter));
}

std::unique_ptr<ReadAhead::Chapter> ReadAhead::blank() {
  const std::lock_guard lock(mutex_);
  if (blanks_.empty()) return std::make_unique<Chapter>();
  auto chapter = std::move(blanks_.back());
  blanks_.pop_back();
  return chapter;
}

Result<std::unique_ptr<ReadAhead::Chapter>> ReadAhead::read() {
  auto batch = stream_.read(std::min(kBatch, transaction_), std::move(records_));
  if (!batch) return batch.error();
  auto chapter = blank();
  if (auto read = reader_.read(*batch, chapter->lesson); !read)
    return Error{stream_.name() + ": " + read.error().message};
  records_ = std::move(batch->records);
  stream_.stored(chapter->lesson.cursor);
  chapter->progress = stream_.progress();
  chapter->last = !batch->more;
  lines_ += chapter->lesson.records;
  if (chapter->last || lines_ >= transaction_) {
    chapter->changes = reader_.take_changes();
    lines_ = 0;
  }
  if (chapter->changes || reader_.full()) {
    chapter->unsorted = reader_.take_gathered();
    if (ahead()) chapter->sort();
  }
  return chapter;
}

// The other one has enough to do, so that this one can do what either may.
bool ReadAhead::ahead() {
  const std::lock_guard lock(mutex_);
  return waiting_bytes_ > kBytes / 8;
}

// False: nobody wants more.
bool ReadAhead::offer(Result<std::unique_ptr<Chapter>> chapter) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || waiting_bytes_ < kBytes; });
  if (stopped_) return false;
  const bool more = chapter && !(*chapter)->last;
  if (chapter) waiting_bytes_ += (*chapter)->size();
  waiting_.push_back(std::move(chapter));
  lock.unlock();
  changed_.notify_all();
  return more;
}

void ReadAhead::work() {
  try {
    while (offer(read())) continue;
  } catch (const std::bad_alloc&) {
    offer(Error{stream_.name() + ": out of memory while it was read"});
  }
}

}  // namespace suppressd
