// Follows one log file across rotations of every kind.
//
// Files are recognised by their content, never by path or inode: after a restart, the follower
// finds the stream of the newest stored cursor among the rotated files and reads its rest, then
// every newer file, then the current one. While it runs, it keeps the file open, so that a rename
// or removal loses nothing. What a copytruncate left unread it reads from the copy. A stream that
// is gone is a gap. A file that is missing or cannot be read when open() is first called is an
// Error; a missing one later is a rotation in progress. One thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/source/file_watch.h"
#include "suppressd/source/log_stream.h"
#include "suppressd/source/rotation.h"
#include "suppressd/source/source.h"

namespace suppressd {

class FileFollower final : public Source {
 public:
  /// `times` tells the times of lines, to find where to begin after since(). Without it, such a log
  /// is read from its beginning.
  explicit FileFollower(std::string path, MakeLineTimes times = {});
  ~FileFollower() override;

  Status open(CursorBook& book, StartAt start, std::vector<Gap>& gaps) override;
  Cursor since(Time time, Before before) const override;
  std::string source() const override;
  int wait_fd() const override { return watch_.fd(); }
  Result<Batch> read(std::size_t limit) override;
  void stored(const Cursor& cursor) override;
  std::string name() const override { return "file " + path_; }

 private:
  Status start_first_time(StartAt start);
  Status go_on_from(const Cursor& last);
  /// After the end of the active stream, or without one: finds what comes next. False: nothing, for
  /// now.
  Result<bool> advance();
  Result<Rotation> look(Cursor last, const LogStream* open) const;
  Status after_truncation();
  Status begin_next();
  Status begin(LogStream& stream, const std::vector<Cursor>& known);
  void leave();
  bool is_current() const;
  bool watch();
  void lost(const std::string& reason);
  Batch finish(Batch batch);

  std::string path_;
  MakeLineTimes times_;
  CursorBook* book_ = nullptr;
  StartAt start_ = StartAt::end;
  FileWatch watch_;
  std::unique_ptr<LogStream> active_;
  std::deque<std::unique_ptr<LogStream>> next_;  // identified, not begun; oldest first
  Cursor last_;                                  // without an active stream: what was read last
  std::optional<Cursor> first_;                  // where the very first start began, until it is stored
  std::optional<Time> since_;  // older lines are skipped until the first one that is not older
  bool opened_ = false;
  std::vector<Gap> gaps_;
  bool moved_ = false;
  std::uint64_t overlong_told_ = 0;
};

}  // namespace suppressd
