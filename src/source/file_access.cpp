#include "suppressd/source/file_access.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

namespace suppressd {
namespace {

std::string user_name(uid_t uid) {
  std::vector<char> space(4096);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, space.data(), space.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(uid);
}

std::string group_name(gid_t gid) {
  std::vector<char> space(4096);
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(gid, &entry, space.data(), space.size(), &found) == 0 && found != nullptr) return found->gr_name;
  return std::to_string(gid);
}

std::string describe(const struct stat& status) {
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(status.st_mode & 07777U));
  return "owner " + user_name(status.st_uid) + ", group " + group_name(status.st_gid) + ", mode " + mode.data();
}

/// The first folder on the way to `path` that this process may not enter; empty: none.
std::string closed_folder(const std::string& path) {
  std::filesystem::path folder;
  for (const auto& part : std::filesystem::path(path).parent_path()) {
    folder /= part;
    if (faccessat(AT_FDCWD, folder.c_str(), X_OK, AT_EACCESS) != 0 && errno == EACCES) return folder.string();
  }
  return {};
}

std::string mend_file(const std::string& path, const struct stat& status, const std::string& user) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const std::string by_list =
      "setfacl -m u:" + user + ":r " + path + ", and for the files that come after it setfacl -d -m u:" + user + ":r " + folder;
  if ((status.st_mode & S_IRGRP) != 0 && status.st_gid != 0) {
    const std::string group = group_name(status.st_gid);
    return "let " + user + " be in group " + group + " (SupplementaryGroups=" + group + " in its unit), or run " + by_list;
  }
  return "no group that " + user + " could join may read it; run " + by_list +
         " (the second also mends Postfix's maillog_file, which is made anew as root's alone after each rotation; Postfix 3.9 and later "
         "have "
         "maillog_file_permissions = 0644, logrotate has `create 0640 root adm`)";
}

}  // namespace

std::string explain_unreadable(const std::string& path, int error) {
  std::string plain = "cannot read " + path + ": " + std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) {
    return plain + "; name the file that the MTA's log goes to (Postfix: postconf maillog_file, else that of syslog), or use the journal";
  }
  if (error != EACCES && error != EPERM) return plain;
  const std::string user = user_name(geteuid());
  const std::string folder = closed_folder(path);
  struct stat status {};
  if (!folder.empty()) {
    if (stat(folder.c_str(), &status) != 0) return plain;
    return plain + ": user " + user + " may not enter the folder " + folder + " (" + describe(status) + "); run setfacl -m u:" + user +
           ":x " + folder;
  }
  if (stat(path.c_str(), &status) != 0) return plain;
  return plain + " (" + describe(status) + "); " + mend_file(path, status, user);
}

}  // namespace suppressd
