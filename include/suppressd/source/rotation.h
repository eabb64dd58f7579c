// Finds what was written after a position: the rest of its stream, the newer rotated files, and the
// current file.
//
// The stream is found by its content (or as the file that is still open), wherever a rotation has
// put it; the names of the files only give the order. If files are renamed, compressed or created
// meanwhile, it looks again, until it has seen all of them at one moment. One thread.
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
    shorter_copy,  ///< There is only a copy that ends before the position: nothing is left to read.
    open,          ///< It is the open file.
  };
  Found found = Found::no;
  std::vector<std::unique_ptr<LogStream>> streams;  ///< To be read in this order; identified, not begun.
  std::vector<std::string> lost;  ///< Files before one of `streams` that cannot be read, one line each.
  bool current_missing = false;   ///< There is no file at the path.
};

/// Looks for what comes after `last`, at `path` and beside it. `open` is the file from which `last`
/// was read, if it is still open; it is then not among `streams`. Nor is a file without a complete
/// line. Error: the file at `path` cannot be read, or the files keep changing.
Result<Rotation> look_around(const std::string& path, const Cursor& last, const LogStream* open);

/// The cursor of a source that has nothing to read yet. Later, rotated files count as new if they
/// are at least as new as the newest one now; with `all_seen`, only if they are newer.
Cursor nothing_yet(const std::string& path, bool all_seen);
/// Like the former; files that were last written before `time` are not new.
Cursor nothing_yet(const std::string& path, Time time);
bool is_nothing_yet(const Cursor& cursor);

}  // namespace suppressd
