#include "files.h"

#include <sys/stat.h>

namespace suppressd {

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileStamp{{info.st_dev, info.st_ino}, info.st_size, info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec};
}

std::optional<FileId> file_at(const std::string& path) {
  const auto stamp = stamp_of(path);
  if (!stamp) return std::nullopt;
  return stamp->id;
}

DatabaseFiles files_at(const std::string& path) {
  return {file_at(path), file_at(path + "-wal")};
}

Status check_log(const std::string& path, const DatabaseFiles& before, const DatabaseFiles& now) {
  if (now.database == before.database || !now.log || now.log != before.log) return {};
  return Error{"database " + path + ": the file was replaced, but " + path +
               "-wal beside it belongs to the old one, and would be taken for a part of the new one: stop suppressd, remove " + path +
               "-wal and " + path + "-shm, put the new file there again, and start it"};
}

}  // namespace suppressd
