#include "files.h"

#include <sys/stat.h>

namespace suppressd {

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileStamp{
      {info.st_dev, info.st_ino}, info.st_size, info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec};
}

std::optional<FileId> file_at(const std::string& path) {
  const auto stamp = stamp_of(path);
  if (!stamp) return std::nullopt;
  return stamp->id;
}

}  // namespace suppressd
