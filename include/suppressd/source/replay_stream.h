// One old log, read once from where it is unknown to its end: `suppressctl replay FILE`.
//
// Plain, compressed, or `-` for standard input. A known stream continues at its offset, so that the same log
// again, under any name, gives nothing; a log that only begins like a known one is a new stream. An
// incomplete last line is read. After a failed transaction, open the file again. One thread.
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

  /// The next lines, as Source::read; `more` false: this was the end. A batch without records and `moved`:
  /// nothing new. `room`: of an earlier batch, whose memory can be used again.
  Result<Source::Batch> read(std::size_t limit, std::vector<SourceRecord> room = {});
  void stored(const Cursor& cursor) { stream_.stored(cursor); }

  /// Bytes of the file read so far, and in all (0: not known).
  struct Progress {
    std::uint64_t read = 0;
    std::uint64_t total = 0;
  };
  Progress progress() const;

  Cursor cursor() const { return stream_.cursor(); }
  /// The bytes of the log before this were learned earlier; 0: it is new.
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
