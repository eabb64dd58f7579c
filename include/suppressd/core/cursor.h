// How far a log was read, kept in the same transaction as what was learned from it.
//
// Plain data between the sources, which read, and the store, which keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

/// Position in one stream. A stream is known by its content (hash of its first complete line, and a digest of
/// the bytes before the position), never by path or inode, so that a renamed, compressed or copied log is
/// recognised.
struct Cursor {
  std::int64_t id = 0;     ///< Row in `cursor`; 0: not stored yet.
  std::int64_t saved = 0;  ///< Which state of that row, numbered over all rows; without a row: the newest one
                           ///< that was looked at.
  std::string kind;        ///< `file`, `journal`, or `replay`: a file that was read, but never followed.
  std::string source;  ///< Configured path, directory, or `journal`; only for finding and showing, never for
                       ///< identity.
  std::string first_line;  ///< SHA-256 of the first complete line (hex); empty for a journal, and for a file
                           ///< without one.
  std::uint64_t offset = 0;  ///< Bytes of the decompressed stream that were taken: the border of a line, or
                             ///< the end of a replayed log whose last line had no newline.
  std::string digest;        ///< SHA-256 of the up to kDigestWindow bytes before `offset` (hex).
  std::string
      position;  ///< The journal's own cursor; for a file where it was last seen, a hint only. `@` and Unix
                 ///< seconds: nothing was there to read yet, and all that comes after this time is new.
  std::optional<Time> last_time;  ///< Time of the last entry, from which years of RFC 3164 lines go on.
  std::string zone;               ///< Time zone in which lines without one are read; empty: the system's.
  std::optional<Time> swept;      ///< When messages that fell silent were last dropped (event time).
};

inline constexpr std::uint64_t kDigestWindow = 4096;

/// Lines that are known to be lost.
struct Gap {
  Time from;  ///< Last time that was read before it.
  Time to;    ///< First time after it, or when it was noticed.
  std::string source;
  std::string reason;  ///< One line for people.
};

}  // namespace suppressd
