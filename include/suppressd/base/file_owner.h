// Who owns a file and what keeps this process from opening it, for messages about permissions.
//
// Queries the file system and the system's accounts, as the effective user and groups of this
// process. Safe from any thread.
#pragma once

#include <sys/stat.h>

#include <string>

namespace suppressd {

struct FileOwner {
  std::string user;
  std::string group;
  std::string mode;  ///< `0640`
  /// True: this process's user namespace (PrivateUsers=yes in its unit) hides the user or group and
  /// shows nobody or nogroup instead.
  bool user_hidden = false;
  bool group_hidden = false;
};

FileOwner owner_of(const struct stat& status);

std::string user_name(uid_t uid);

/// Whether this process is a member of the group.
bool in_group(gid_t gid);

/// The first folder on the way to `path` that this process may not enter; empty: none.
std::string closed_folder(const std::string& path);

}  // namespace suppressd
