#include "write_ahead_log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <optional>

namespace suppressd {
namespace {

constexpr off_t kHeader = 32;  // a log that has only its header, or nothing, is of no danger

std::optional<std::chrono::nanoseconds> born(const std::string& path) {
  struct statx info {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &info) != 0 || (info.stx_mask & STATX_BTIME) == 0)
    return std::nullopt;
  return std::chrono::seconds(info.stx_btime.tv_sec) + std::chrono::nanoseconds(info.stx_btime.tv_nsec);
}

}  // namespace

bool is_foreign_log(const std::string& database, std::chrono::nanoseconds well_before) {
  const std::string path = database + "-wal";
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || info.st_size <= kHeader) return false;
  const auto file = born(database);
  const auto log = born(path);
  return file && log && *log + well_before < *file;
}

}  // namespace suppressd
