#include "suppressd/base/file_owner.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

namespace suppressd {
namespace {

constexpr std::size_t kEntrySpace = 1 << 16;  // enough for a group with many members

std::string group_name(gid_t gid) {
  std::vector<char> space(kEntrySpace);
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(gid, &entry, space.data(), space.size(), &found) == 0 && found != nullptr)
    return found->gr_name;
  return std::to_string(gid);
}

/// Whether `id` is only what this process's user namespace shows for a user or group that it does
/// not map: 65534 (user_namespaces(7)).
bool is_hidden(std::uint32_t id, const char* map, const char* overflow) {
  std::uint32_t shown = 0;
  if (!(std::ifstream(overflow) >> shown) || id != shown) return false;
  std::ifstream ranges(map);
  std::uint64_t first = 0;
  std::uint64_t outside = 0;
  std::uint64_t length = 0;
  while (ranges >> first >> outside >> length) {
    if (id >= first && id - first < length) return false;
  }
  return ranges.eof();
}

}  // namespace

FileOwner owner_of(const struct stat& status) {
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(status.st_mode & 07777U));
  return {.user = user_name(status.st_uid),
          .group = group_name(status.st_gid),
          .mode = mode.data(),
          .user_hidden = is_hidden(status.st_uid, "/proc/self/uid_map", "/proc/sys/kernel/overflowuid"),
          .group_hidden = is_hidden(status.st_gid, "/proc/self/gid_map", "/proc/sys/kernel/overflowgid")};
}

std::string user_name(uid_t uid) {
  std::vector<char> space(kEntrySpace);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, space.data(), space.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(uid);
}

bool in_group(gid_t gid) {
  if (gid == getegid()) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(getgroups(0, nullptr), 0)));
  groups.resize(
      static_cast<std::size_t>(std::max(getgroups(static_cast<int>(groups.size()), groups.data()), 0)));
  return std::find(groups.begin(), groups.end(), gid) != groups.end();
}

std::string closed_folder(const std::string& path) {
  std::filesystem::path folder;
  for (const auto& part : std::filesystem::path(path).parent_path()) {
    folder /= part;
    if (faccessat(AT_FDCWD, folder.c_str(), X_OK, AT_EACCESS) != 0 && errno == EACCES) return folder.string();
  }
  return {};
}

}  // namespace suppressd
