// One log stream that is being read: its identity, its position, its next lines.
//
// Call identify(), then begin() or begin_at_end(), then read(). If a stored cursor belongs to the
// stream, it continues there. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/cursor.h"
#include "suppressd/source/byte_stream.h"
#include "suppressd/source/line_buffer.h"
#include "suppressd/source/source.h"

namespace suppressd {

class LogStream {
 public:
  explicit LogStream(ByteStream bytes) : bytes_(std::move(bytes)) {}

  /// Reads as far as the first complete line. False: there is none yet.
  Result<bool> identify();
  /// Whether identify() found no byte at all.
  bool empty() const { return empty_; }
  /// The hash of the first line; empty before identify() has said yes.
  const std::string& first_line() const { return first_line_; }
  /// For a stream that does not grow and is a single line without newline: takes that as the first
  /// line. False: the stream is empty.
  Result<bool> identify_by_rest();

  enum class Likeness { other, same, shorter };
  /// `same`: `cursor` belongs to this stream. `shorter`: the first line is that of the cursor's
  /// stream, but this stream ends before the cursor.
  Result<Likeness> compare(const Cursor& cursor);

  /// Continues at the furthest cursor of `known` that belongs to this stream, else begins at offset
  /// 0 as a stream of `source`.
  Status begin(const std::vector<Cursor>& known, const std::string& source);
  /// Goes to the end of the last complete line and skips everything before it.
  Status begin_at_end(const std::string& source);
  /// Skips lines up to the first complete one that is `wanted`, or to the end. False: there is none
  /// yet.
  Result<bool> pass_over_until(const std::function<bool(std::string_view line)>& wanted);
  /// From now on, the stream belongs to this source.
  void adopt(const std::string& source) {
    cursor_.source = source;
    cursor_.kind = "file";
  }
  /// A stream that nobody follows.
  void replayed() { cursor_.kind = "replay"; }

  enum class Progress {
    lines,     ///< Lines were appended to `records`, or a line was too long.
    end,       ///< Nothing more, for now.
    replaced,  ///< The file was truncated or rewritten; it is no longer this stream.
  };
  /// Appends at most `limit` lines. Views live until the next call.
  Result<Progress> read(std::size_t limit, std::vector<SourceRecord>& records);
  /// The incomplete last line, at the end of a stream that does not grow.
  bool take_rest(std::vector<SourceRecord>& records);
  std::size_t rest_size() const { return lines_.rest().size(); }

  /// The current position.
  Cursor cursor() const;
  /// Takes over what a commit has added to the cursor: row id, last time, zone, sweep.
  void stored(const Cursor& cursor);
  bool known() const { return cursor_.id != 0; }
  std::uint64_t overlong() const { return lines_.overlong(); }
  const ByteStream& bytes() const { return bytes_; }

 private:
  Status go(std::uint64_t offset);
  bool still_itself(std::string_view read_now) const;

  ByteStream bytes_;
  LineBuffer lines_;
  std::string first_line_;
  bool empty_ = true;
  bool by_rest_ = false;
  Cursor cursor_;
};

}  // namespace suppressd
