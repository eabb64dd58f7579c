// How far a log was read. Stored in the same transaction as what was learned from it.
//
// Plain data between the sources, which read logs, and the store, which keeps cursors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

/// Position in one stream. A stream is known by its content (hash of its first complete line, and a
/// digest of the bytes before the position), never by path or inode, so that a renamed, compressed
/// or copied log is recognised.
struct Cursor {
  std::int64_t id = 0;  ///< Row in `cursor`; 0: not stored yet.
  /// The number of this state of the row, counted over all rows. Without a row: the number of the
  /// newest state that was looked at.
  std::int64_t saved = 0;
  std::string kind;  ///< `file`, `journal`, or `replay`: a file that was read, but never followed.
  /// Configured path, directory, or `journal`. Only for finding and showing, never for identity.
  std::string source;
  /// SHA-256 of the first complete line (hex). Empty for a journal, and for a file without one.
  std::string first_line;
  /// How many bytes of the decompressed stream were read: up to the end of a line, or to the end of
  /// a replayed log whose last line had no newline.
  std::uint64_t offset = 0;
  std::string digest;  ///< SHA-256 of the up to kDigestWindow bytes before `offset` (hex).
  /// The journal's own cursor. For a file, the path at which it was last seen, only a hint. `@` and
  /// Unix seconds: there was nothing to read yet, and everything after this time is new.
  std::string position;
  /// Time of the last entry. The years of RFC 3164 lines continue from it.
  std::optional<Time> last_time;
  std::string zone;           ///< Time zone of lines without one; empty: the system's.
  std::optional<Time> swept;  ///< Day for which silent messages were last dropped.
};

inline constexpr std::uint64_t kDigestWindow = 4096;

/// Lines that are known to be lost.
struct Gap {
  Time from;  ///< The last time that was read before the gap.
  Time to;    ///< The first time after it, or when it was noticed.
  std::string source;
  std::string reason;  ///< One line for people.
};

}  // namespace suppressd
