// Where log entries come from: the interface of files and the journal.
//
// A source is owned and called only by the learning thread. It hands over what is new, says how far it has
// read, and can return to a stored cursor; it never writes to the database. What cannot be read is an Error
// that says which group, ACL or setting fixes it; after an Error from read() the source is unchanged, and
// read() may be tried again later.
//
// The caller commits every batch that has records, gaps or `moved`, and calls stored() as long as the source
// is at the same stream. It may commit several of one stream together, but all that was read before its
// CursorBook answers. If a transaction fails, or another process has learned from the same stream, it calls
// open() again, and everything continues from the stored cursors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/cursor.h"
#include "suppressd/core/event.h"

namespace suppressd {

/// One entry as a source gives it. Views live until the next call of the source.
struct SourceRecord {
  bool structured = false;  ///< True: `entry` is filled (journal). False: `line` is a raw line.
  std::string_view line;
  LogEntry entry;
};

/// Stored cursors, as far as a source needs them: all of one kind, newest first. A book that cannot be read
/// is an Error, never "unknown": that would cause a log to be learned again, or skipped.
class CursorBook {
 public:
  virtual ~CursorBook() = default;
  /// Cursors of streams whose first line has this hash.
  virtual Result<std::vector<Cursor>> by_first_line(std::string_view first_line_sha256) = 0;
  /// The newest cursor that was stored for this configured source; nullopt: never read before.
  virtual Result<std::optional<Cursor>> newest_of(std::string_view source) = 0;
  /// The newest cursor that was stored for any log that was followed, and of which something was read;
  /// nullopt: there was none.
  virtual Result<std::optional<Cursor>> newest_followed() = 0;
};

enum class StartAt { end, beginning };  ///< `source.start`: at the very first start.

/// Tells the times of lines, one after another, of one stream; nullopt: the line has none. A line without a
/// year is of that of `reference` or before.
using LineTimes = std::function<std::optional<Time>(std::string_view line)>;
using MakeLineTimes = std::function<LineTimes(Time reference)>;

class Source {
 public:
  virtual ~Source() = default;

  /// Finds the position to continue from. `gaps` gets what is known to be lost and cannot wait for the next
  /// batch. Called at start and after every failed transaction. `book` is asked again later: it lives as long
  /// as the source, or until the next open().
  virtual Status open(CursorBook& book, StartAt start, std::vector<Gap>& gaps) = 0;

  enum class Before { nothing, another_log };
  /// What a book answers for a log that is not to begin as `start` says, but with its first entry of this
  /// time or later. `before`: what was read until then; where it was another log, a beginning that is later
  /// is a gap.
  virtual Cursor since(Time time, Before before) const = 0;
  /// As in a cursor: where it reads, to find it again.
  virtual std::string source() const = 0;

  /// Descriptor that becomes readable when there may be something new; -1: none, poll twice a second. May
  /// change after each call of read(). With a descriptor too, read every few seconds: a network file system
  /// sends no events.
  virtual int wait_fd() const = 0;

  /// What a read gave. A batch is of one stream; `reference` is the file's mtime for lines without a year.
  struct Batch {
    std::vector<SourceRecord> records;
    Cursor cursor;  ///< The position of the stream after these records; `id` and `last_time`, `swept` as last
                    ///< stored, 0 and empty for a new stream.
    Time reference;
    std::vector<Gap> gaps;  ///< Found on the way.
    bool moved = false;     ///< The cursor is to be stored although there are no records (a new stream was
                            ///< begun, a start position taken).
    bool more = false;      ///< Read again at once: there may be more.
    std::uint64_t overlong = 0;  ///< Lines too long to be log lines, skipped.
  };

  /// Reads at most `limit` records. A batch without records, gaps and `moved`: nothing new.
  virtual Result<Batch> read(std::size_t limit) = 0;

  /// Tells the source its stream's stored cursor (row id, last_time), after a commit.
  virtual void stored(const Cursor& cursor) = 0;

  /// For messages: `file /var/log/mail.log`, `journal`.
  virtual std::string name() const = 0;
};

}  // namespace suppressd
