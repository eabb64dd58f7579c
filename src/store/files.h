// Which files stand at a database's path, told apart by device and inode.
//
// A database that is replaced while its write-ahead log stays behind is a trap: SQLite takes the log of the old one for that of the new
// one, shows the old rows, and writes them over the new ones. Used within the layer only; any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "suppressd/core/result.h"

namespace suppressd {

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};

/// nullopt: nothing is there.
std::optional<FileId> file_at(const std::string& path);

/// What shows that somebody wrote into a file: nothing else changes its time and length.
struct FileStamp {
  FileId id;
  off_t size = 0;
  std::int64_t modified = 0;  ///< Nanoseconds since 1970, in steps of the kernel's clock (a few milliseconds).
  bool operator==(const FileStamp&) const = default;
};

/// nullopt: nothing is there.
std::optional<FileStamp> stamp_of(const std::string& path);

struct DatabaseFiles {
  std::optional<FileId> database;
  std::optional<FileId> log;
};
DatabaseFiles files_at(const std::string& path);

/// Error: another database stands at `path` than before, and beside it still the log of that one. `before` was open until now.
Status check_log(const std::string& path, const DatabaseFiles& before, const DatabaseFiles& now);

}  // namespace suppressd
