// The files that a rotation may have left beside a log, in order of time.
//
// `mail.log.1`, `mail.log.2.gz`, `mail.log-20261121`, `mail-20261121.log.xz`, `mail.log.old`; and
// for a log whose own name contains a date, those of other dates. The names only say where to look:
// the content says which stream a file contains. Safe from any thread.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

struct RotatedFile {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;
  std::int64_t modified_ns = 0;  ///< Nanoseconds since the epoch.
};

/// What a rotation did to a name.
struct RotationName {
  std::string stem;         ///< The name without a compressor's suffix.
  bool compressed = false;  ///< It had such a suffix.
  std::string number;       ///< `1` of mail.log.1; empty: none.
  std::string date;         ///< Digits of a date, year first, and what follows; empty: none.
};

/// Whether a rotation of the log `log` can leave a file named `name`. Both are names without
/// folders.
bool is_rotation_of(std::string_view log, std::string_view name, RotationName& parts);

/// The rotated files of `path`, oldest first, and if it is a symbolic link, also those of its
/// target. If a file exists both plain and compressed, only the plain one is listed, because the
/// other is still being written. An unreadable folder gives none.
std::vector<RotatedFile> rotated_files(const std::string& path);

}  // namespace suppressd
