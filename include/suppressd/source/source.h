// Where log entries come from: the interface of files and the journal.
//
// A source is owned and called only by the learning thread. It returns new entries, says how far it
// has read, and can return to a stored cursor; it never writes to the database. If it cannot read,
// the Error says which group, ACL or setting fixes that. After an Error from read(), the source is
// unchanged, and the caller may try read() again.
//
// The caller commits every batch that has records, gaps or `moved`, and calls stored() while the
// source is at the same stream. It may commit several batches of one stream together, but must
// commit all of them before its CursorBook answers. If a transaction fails, or another process has
// learned from the same stream, it calls open() again, and everything continues from the stored
// cursors.
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

/// One entry as a source returns it. Its views are valid until the next call of the source.
struct SourceRecord {
  bool structured = false;  ///< True: `entry` is filled (journal). False: `line` is a raw line.
  std::string_view line;
  LogEntry entry;
};

/// Stored cursors, as far as a source needs them: all of one kind, newest first. If the book cannot
/// be read, that is an Error, never "unknown", which would cause a log to be learned again or
/// skipped.
class CursorBook {
 public:
  virtual ~CursorBook() = default;
  /// Cursors of streams whose first line has this hash.
  virtual Result<std::vector<Cursor>> by_first_line(std::string_view first_line_sha256) = 0;
  /// The newest cursor that was stored for this configured source; nullopt: never read before.
  virtual Result<std::optional<Cursor>> newest_of(std::string_view source) = 0;
  /// The newest stored cursor of any followed log from which something was read; nullopt: there is
  /// none.
  virtual Result<std::optional<Cursor>> newest_followed() = 0;
};

enum class StartAt { end, beginning };  ///< `source.start`: at the very first start.

/// Tells the time of each line of one stream, in their order; nullopt: the line has none. A line
/// without a year gets the year of `reference` or an earlier one.
using LineTimes = std::function<std::optional<Time>(std::string_view line)>;
using MakeLineTimes = std::function<LineTimes(Time reference)>;

class Source {
 public:
  virtual ~Source() = default;

  /// Finds the position to continue from. `gaps` gets the losses that cannot wait for the next
  /// batch. Called at start and after every failed transaction. The source queries `book` again
  /// later: it must outlive the source, or remain until the next open().
  virtual Status open(CursorBook& book, StartAt start, std::vector<Gap>& gaps) = 0;

  enum class Before { nothing, another_log };
  /// The cursor that a book returns for a log that is to begin not as `start` says, but with its
  /// first entry at `time` or later. `before`: what was read until then. After another log, it is a
  /// gap if this one begins later.
  virtual Cursor since(Time time, Before before) const = 0;
  /// Cursor::source of this source: where it reads, to find it again.
  virtual std::string source() const = 0;

  /// A descriptor that becomes readable when there may be something new; -1: none, so poll twice a
  /// second. It may change after each call of read(). Even with a descriptor, read every few
  /// seconds: a network file system sends no events.
  virtual int wait_fd() const = 0;

  /// The result of a read, from one stream. `reference` is the file's mtime, for lines without a
  /// year.
  struct Batch {
    std::vector<SourceRecord> records;
    /// The position of the stream after these records. `id`, `last_time` and `swept` are as last
    /// stored; 0 and empty for a new stream.
    Cursor cursor;
    Time reference;
    std::vector<Gap> gaps;  ///< Gaps that were found on the way.
    /// Store the cursor although there are no records: a new stream was begun, or a start position
    /// was chosen.
    bool moved = false;
    bool more = false;           ///< There may be more: read again at once.
    std::uint64_t overlong = 0;  ///< Skipped lines, which were too long to be log lines.
  };

  /// Reads at most `limit` records. A batch without records, gaps and `moved`: there is nothing
  /// new.
  virtual Result<Batch> read(std::size_t limit) = 0;

  /// Tells the source its stream's stored cursor (row id, last_time), after a commit.
  virtual void stored(const Cursor& cursor) = 0;

  /// For messages: `file /var/log/mail.log`, `journal`.
  virtual std::string name() const = 0;
};

}  // namespace suppressd
