// Whom a file belongs to and what keeps this process from it, for messages about permissions.
//
// Asks the file system and the system's accounts, with the effective user and groups of this process. Any
// thread.
#pragma once

#include <sys/stat.h>

#include <string>

namespace suppressd {

struct FileOwner {
  std::string user;
  std::string group;
  std::string mode;  ///< `0640`
  /// This process's user namespace (PrivateUsers=yes in its unit) shows every other user and group as nobody
  /// and nogroup.
  bool user_hidden = false;
  bool group_hidden = false;
};

FileOwner owner_of(const struct stat& status);

std::string user_name(uid_t uid);

/// Whether this process is a member.
bool in_group(gid_t gid);

/// The first folder on the way to `path` that this process may not enter; empty: none.
std::string closed_folder(const std::string& path);

}  // namespace suppressd
