// Which file is at a path, identified by device and inode. Used within the layer only; any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace suppressd {

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};

/// nullopt: nothing is there.
std::optional<FileId> file_at(const std::string& path);

/// Shows whether a file was written to: nothing else changes its time and length.
struct FileStamp {
  FileId id;
  off_t size = 0;
  std::int64_t modified =
      0;  ///< Nanoseconds since 1970, in steps of the kernel's clock (a few milliseconds).
  bool operator==(const FileStamp&) const = default;
};

/// nullopt: nothing is there.
std::optional<FileStamp> stamp_of(const std::string& path);

}  // namespace suppressd
