#include "suppressd/source/file_access.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "suppressd/base/file_owner.h"

namespace suppressd {
namespace {

std::string describe(const FileOwner& owner) {
  if (owner.user_hidden && owner.group_hidden)
    return "mode " + owner.mode +
           "; the service does not see owner and group, since its unit has PrivateUsers=yes";
  return "owner " + owner.user + ", group " +
         (owner.group_hidden ? "not seen under PrivateUsers=yes" : owner.group) + ", mode " + owner.mode;
}

std::string fix_file(const std::string& path, const struct stat& status, const FileOwner& owner,
                     const std::string& user) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const std::string by_list = "setfacl -m u:" + user + ":r " + path +
                              ", and for the files that come after it setfacl -d -m u:" + user + ":r " +
                              folder;
  const bool group_reads = (status.st_mode & S_IRGRP) != 0;
  if (group_reads && owner.group_hidden) {
    return "look for its group with `ls -l " + path +
           "`, run `systemctl edit suppressd` and add the lines [Service] and "
           "SupplementaryGroups=GROUP; or, if that is root, "
           "run " +
           by_list;
  }
  if (group_reads && status.st_gid != 0 && !in_group(status.st_gid)) {
    return "add " + user + " to group " + owner.group + " (SupplementaryGroups=" + owner.group +
           " in its unit), or run " + by_list;
  }
  return "no group that " + user + " could join may read it; run " + by_list +
         " (the second also fixes Postfix's maillog_file, which is made again, for root only, after each "
         "rotation; Postfix 3.9 and later "
         "have maillog_file_permissions = 0644, logrotate has `create 0640 root adm`)";
}

}  // namespace

std::string explain_unreadable(const std::string& path, int error) {
  std::string plain = "cannot read " + path + ": " + std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) {
    return plain +
           "; name the file to which the MTA logs (Postfix: postconf maillog_file, else that of "
           "syslog), or use the journal";
  }
  if (error != EACCES && error != EPERM) return plain;
  const std::string user = user_name(geteuid());
  const std::string folder = closed_folder(path);
  struct stat status {};
  if (!folder.empty()) {
    if (stat(folder.c_str(), &status) != 0) return plain;
    return plain + ": user " + user + " may not enter the folder " + folder + " (" +
           describe(owner_of(status)) + "); run setfacl -m u:" + user + ":x " + folder;
  }
  if (stat(path.c_str(), &status) != 0) return plain;
  const FileOwner owner = owner_of(status);
  return plain + " (" + describe(owner) + "); " + fix_file(path, status, owner, user);
}

}  // namespace suppressd
