#include "suppressd/source/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace suppressd {
namespace {

constexpr std::uint32_t kFileEvents = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;
constexpr std::uint32_t kFolderEvents =
    IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;

}  // namespace

FileWatch::FileWatch() : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FileWatch::~FileWatch() {
  if (fd_ >= 0) close(fd_);
}

void FileWatch::drain() {
  if (fd_ < 0) return;
  alignas(inotify_event) std::array<char, 16 * 1024> events;
  while (read(fd_, events.data(), events.size()) > 0) {
  }
}

bool FileWatch::watch(const std::vector<int>& open_files, const std::vector<std::string>& paths,
                      const std::vector<std::string>& folders) {
  if (fd_ < 0) return false;
  std::vector<int> now;
  const auto add = [&](const std::string& path, std::uint32_t events) {
    const int watch = inotify_add_watch(fd_, path.c_str(), events);
    if (watch >= 0) now.push_back(watch);
  };
  for (const int file : open_files) add("/proc/self/fd/" + std::to_string(file), kFileEvents);
  for (const std::string& path : paths) add(path, kFileEvents);
  for (const std::string& folder : folders) add(folder, kFolderEvents);
  std::sort(now.begin(), now.end());
  now.erase(std::unique(now.begin(), now.end()), now.end());

  const bool more = !std::includes(watched_.begin(), watched_.end(), now.begin(), now.end());
  for (const int old : watched_) {
    if (!std::binary_search(now.begin(), now.end(), old)) inotify_rm_watch(fd_, old);
  }
  watched_ = std::move(now);
  return more;
}

}  // namespace suppressd
