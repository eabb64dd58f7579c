// One old log, read once, from the first line that was not learned before to the end
// (`suppressctl replay FILE`).
//
// Plain, compressed, or `-` for standard input. A known stream continues at its offset: to replay a
// log again, under any name, changes nothing. A log that only begins like a known one is a new
// stream. An incomplete last line is read. After a failed transaction, the caller opens the file
// again. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "suppressd/source/log_stream.h"
#include "suppressd/source/source.h"

namespace suppressd {

class ReplayStream {
 public:
  /// Opens the file and finds its position.
  static Result<ReplayStream> open(const std::string& path, CursorBook& book);

  /// The next lines, as from Source::read. `more` is false at the end. A batch without records and
  /// `moved`: nothing new. `room`: the records of an earlier batch, whose memory is reused.
  Result<Source::Batch> read(std::size_t limit, std::vector<SourceRecord> room = {});
  void stored(const Cursor& cursor) { stream_.stored(cursor); }

  /// The number of bytes of the file that were read, and its size (0: not known).
  struct Progress {
    std::uint64_t read = 0;
    std::uint64_t total = 0;
  };
  Progress progress() const;

  Cursor cursor() const { return stream_.cursor(); }
  /// The offset up to which the log was learned earlier; 0: it is new.
  std::uint64_t known_until() const { return known_until_; }
  const std::string& path() const { return path_; }
  std::string name() const { return path_ == "-" ? "standard input" : "file " + path_; }

 private:
  ReplayStream(std::string path, LogStream stream, bool empty)
      : path_(std::move(path)), stream_(std::move(stream)), ended_(empty) {}

  std::string path_;
  LogStream stream_;
  bool ended_ = false;
  std::uint64_t known_until_ = 0;
  std::uint64_t overlong_told_ = 0;
};

}  // namespace suppressd
