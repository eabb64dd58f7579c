// What was written after a stream: the stream's own rest, the rotated files that are newer, and the file that
// is written now.
//
// The stream is found by its content (or as the file that is still open), wherever a rotation has put it; the
// names of the files only give the order. If files are renamed, compressed or created meanwhile, it looks
// again, until everything that it saw is of one moment. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/cursor.h"
#include "suppressd/source/log_stream.h"

namespace suppressd {

struct Rotation {
  enum class Found {
    no,            ///< The stream is gone.
    whole,         ///< It is the first of `streams`.
    shorter_copy,  ///< Only a copy that ends before the position where reading stopped: none of it is left to
                   ///< read.
    open,          ///< It is the open file.
  };
  Found found = Found::no;
  std::vector<std::unique_ptr<LogStream>> streams;  ///< To be read in this order; identified, not begun.
  std::vector<std::string> lost;  ///< Files before one of `streams` that cannot be read, one line each.
  bool current_missing = false;   ///< There is no file at the path.
};

/// Looks around the log at `path` for what comes after `last`. `open` is the file from which `last` was read,
/// if that is still open, and then not among `streams`. A file without a complete line is not among them
/// either. Error: the file at `path` cannot be read, or the files keep changing.
Result<Rotation> look_around(const std::string& path, const Cursor& last, const LogStream* open);

/// The cursor of a source that has nothing to read yet. Rotated files that are as new as the newest there is
/// now will be new; with `all_seen` only those that are newer.
Cursor nothing_yet(const std::string& path, bool all_seen);
/// The same, if nothing that was written before `time` is new.
Cursor nothing_yet(const std::string& path, Time time);
bool is_nothing_yet(const Cursor& cursor);

}  // namespace suppressd
