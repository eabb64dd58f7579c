#include "suppressd/source/file_follower.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <utility>

#include "suppressd/source/file_access.h"

namespace suppressd {
namespace {

std::string folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace

FileFollower::FileFollower(std::string path, MakeLineTimes times)
    : path_(std::move(path)), times_(std::move(times)) {}
FileFollower::~FileFollower() = default;

Status FileFollower::open(CursorBook& book, StartAt start, std::vector<Gap>&) {
  book_ = &book;
  start_ = start;
  active_.reset();
  next_.clear();
  gaps_.clear();
  moved_ = false;
  since_.reset();
  Result<std::optional<Cursor>> newest = book.newest_of(path_);
  if (!newest) return newest.error();
  if (!*newest) *newest = first_;
  Status begun = *newest ? go_on_from(**newest) : start_first_time(start);
  opened_ = opened_ || begun.ok();
  return begun;
}

Status FileFollower::start_first_time(StartAt start) {
  Result<ByteStream> bytes = ByteStream::open(path_);
  if (!bytes) return bytes.error();
  auto stream = std::make_unique<LogStream>(std::move(*bytes));
  const Result<bool> identified = stream->identify();
  if (!identified) return identified.error();
  last_ = nothing_yet(path_, true);
  if (*identified) {
    const Result<std::vector<Cursor>> known = book_->by_first_line(stream->first_line());
    if (!known) return known.error();
    if (Status begun = stream->begin(*known, path_); !begun) return begun;
    if (!stream->known() && start == StartAt::end) {
      if (Status begun = stream->begin_at_end(path_); !begun) return begun;
    }
    stream->adopt(path_);
    active_ = std::move(stream);
    overlong_told_ = 0;
    first_ = active_->cursor();
  } else {
    first_ = last_;
  }
  moved_ = true;
  return {};
}

Status FileFollower::go_on_from(const Cursor& last) {
  Result<Rotation> rotation = look(last, nullptr);
  if (!rotation) return rotation.error();
  const bool gone = rotation->found == Rotation::Found::no && !is_nothing_yet(last);
  if (rotation->current_missing && !opened_ && rotation->found == Rotation::Found::no)
    return Error{explain_unreadable(path_, ENOENT)};
  last_ = last;
  if (is_nothing_yet(last) && times_) since_ = last.last_time;
  if (gone) {
    lost("the log that was read last is neither " + path_ +
         " nor any rotated file beside it: what was written to it after byte " + std::to_string(last.offset) +
         " is lost");
  }
  for (const std::string& reason : rotation->lost) lost(reason + "; suppressctl replay can learn it later");
  next_.assign(std::make_move_iterator(rotation->streams.begin()),
               std::make_move_iterator(rotation->streams.end()));
  if (gone && next_.empty()) last_ = nothing_yet(path_, false);
  return {};
}

// A file that begins later was rotated. Its rotated files are examined, and a gap is found there.
Cursor FileFollower::since(Time time, Before) const {
  Cursor cursor = nothing_yet(path_, time);
  cursor.last_time = time;
  return cursor;
}

std::string FileFollower::source() const {
  return path_;
}

Result<Source::Batch> FileFollower::read(std::size_t limit) {
  watch_.drain();
  Batch batch;
  for (;;) {
    if (active_) {
      const Result<LogStream::Progress> progress = active_->read(limit, batch.records);
      if (!progress) {
        if (active_->bytes().plain()) return progress.error();
        lost(progress.error().message + "; the rest of it is lost");
        active_.reset();
        last_ = nothing_yet(path_, true);
        continue;
      }
      if (*progress == LogStream::Progress::lines) return finish(std::move(batch));
      if (*progress == LogStream::Progress::replaced) {
        if (Status found = after_truncation(); !found) return found.error();
        continue;
      }
    }
    const Result<bool> more = advance();
    if (!more) return more.error();
    if (!*more) return finish(std::move(batch));
  }
}

Result<bool> FileFollower::advance() {
  if (!next_.empty()) {
    leave();
    if (Status begun = begin_next(); !begun) return begun.error();
    return true;
  }
  if (watch()) return true;
  if (active_ && is_current()) return false;
  Result<Rotation> rotation = look(active_ ? active_->cursor() : last_, active_.get());
  if (!rotation) return rotation.error();
  if (rotation->streams.empty()) return false;
  for (const std::string& reason : rotation->lost) lost(reason + "; suppressctl replay can learn it later");
  next_.assign(std::make_move_iterator(rotation->streams.begin()),
               std::make_move_iterator(rotation->streams.end()));
  // They are not begun yet: the writer may have added to the old file before it moved to the new
  // one, so the old file is read once more.
  return true;
}

Result<Rotation> FileFollower::look(Cursor last, const LogStream* open) const {
  // No line with a time was read yet. If the follower started at the beginning, all rotated files
  // are new.
  if (!last.last_time && start_ == StartAt::beginning) last.last_time = Time{};
  return look_around(path_, last, open);
}

Status FileFollower::after_truncation() {
  // If nothing was learned from this stream, reading stopped in an earlier one.
  const bool begun = active_->known() || active_->cursor().offset > 0;
  const Cursor last = begun ? active_->cursor() : last_;
  Result<Rotation> rotation = look(last, nullptr);
  if (!rotation) return rotation.error();
  last_ = last;
  active_.reset();
  next_.assign(std::make_move_iterator(rotation->streams.begin()),
               std::make_move_iterator(rotation->streams.end()));
  for (const std::string& reason : rotation->lost) lost(reason + "; suppressctl replay can learn it later");
  if (rotation->found == Rotation::Found::no) {
    lost(path_ + " was truncated, and there is no copy beside it: what was written to it after byte " +
         std::to_string(last.offset) + ", if anything, is lost");
    if (next_.empty()) last_ = nothing_yet(path_, false);
  }
  return {};
}

void FileFollower::leave() {
  if (!active_) return;
  if (active_->rest_size() > 0) {
    lost(active_->bytes().path() + " ends in an incomplete line of " + std::to_string(active_->rest_size()) +
         " bytes, which is ignored");
  }
  last_ = active_->cursor();
  active_.reset();
}

Status FileFollower::begin_next() {
  Result<std::vector<Cursor>> known = book_->by_first_line(next_.front()->first_line());
  if (!known) return known.error();
  std::unique_ptr<LogStream> stream = std::move(next_.front());
  next_.pop_front();
  if (first_) known->push_back(*first_);
  if (Status begun = begin(*stream, *known); !begun) {
    lost(begun.error().message);
    if (next_.empty()) last_ = nothing_yet(path_, true);
    return {};
  }
  // The row of the `nothing yet` cursor becomes the row of the first stream.
  if (!stream->known() && is_nothing_yet(last_)) stream->stored(last_);
  stream->adopt(path_);
  active_ = std::move(stream);
  overlong_told_ = 0;
  return {};
}

Status FileFollower::begin(LogStream& stream, const std::vector<Cursor>& known) {
  if (Status begun = stream.begin(known, path_); !begun || !since_) return begun;
  const LineTimes time_of = times_(stream.bytes().modified());
  const auto is_new = [&](std::string_view line) {
    const auto time = time_of(line);
    return time && *time >= *since_;
  };
  const Result<bool> found = stream.pass_over_until(is_new);
  if (!found) return found.error();
  if (*found) since_.reset();
  return {};
}

Source::Batch FileFollower::finish(Batch batch) {
  if (active_) {
    batch.cursor = active_->cursor();
    batch.reference = active_->bytes().modified();
    batch.overlong = active_->overlong() - overlong_told_;
    overlong_told_ = active_->overlong();
  } else {
    batch.cursor = last_;
    batch.reference = wall_clock();
  }
  batch.gaps = std::exchange(gaps_, {});
  batch.moved = std::exchange(moved_, false) || batch.overlong > 0 || !batch.gaps.empty();
  batch.more = !batch.records.empty() || batch.moved;
  return batch;
}

void FileFollower::stored(const Cursor& cursor) {
  first_.reset();
  if (active_) {
    active_->stored(cursor);
  } else {
    last_.id = cursor.id;
    last_.saved = cursor.saved;
  }
}

bool FileFollower::is_current() const {
  struct stat named {};
  const struct stat open_file = active_->bytes().status();
  return stat(path_.c_str(), &named) == 0 && named.st_dev == open_file.st_dev &&
         named.st_ino == open_file.st_ino;
}

bool FileFollower::watch() {
  std::vector<std::string> folders = {folder_of(path_)};
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path_, error);
  if (!error && folder_of(target.string()) != folders.front()) folders.push_back(folder_of(target.string()));
  std::vector<int> files;
  if (active_ && active_->bytes().plain()) files.push_back(active_->bytes().fd());
  return watch_.watch(files, {path_}, folders);
}

void FileFollower::lost(const std::string& reason) {
  const Cursor& before = active_ ? active_->cursor() : last_;
  gaps_.push_back({.from = before.last_time.value_or(wall_clock()),
                   .to = wall_clock(),
                   .source = path_,
                   .reason = reason});
}

}  // namespace suppressd
