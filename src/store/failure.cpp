#include "failure.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <sqlite3.h>

#include "suppressd/base/file_owner.h"

namespace suppressd {
namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool allows(const std::string& path, int access) {
  return faccessat(AT_FDCWD, path.c_str(), access, AT_EACCESS) == 0;
}

/// The first of the database's files that may not be used, else their folder.
std::string in_the_way(const std::string& path) {
  for (const char* ending : {"", "-wal", "-shm"}) {
    const std::string file = path + ending;
    if (allows(file, F_OK) && !allows(file, R_OK | W_OK)) return file;
  }
  return folder_of(path);
}

/// What to do if `what`, a file of the database or its folder, may not be used by this process.
std::string permission_advice(const std::string& what, const struct stat& info, const FileOwner& owner) {
  const bool folder = S_ISDIR(info.st_mode);
  const bool reads = allows(what, R_OK);
  const std::string verb = reads ? "write to" : "read";
  if (!allows(what, W_OK) && errno == EROFS) {
    return "it lies on a file system that is read-only for this process; the service unit allows no folder "
           "but /var/lib/suppressd: for "
           "another one run `systemctl edit suppressd` and write there the lines [Service] and "
           "ReadWritePaths=" +
           (folder ? what : folder_of(what));
  }
  if (allows(what, folder ? R_OK | W_OK | X_OK : R_OK | W_OK))
    return "its permissions allow that, so look for what else forbids it, such as AppArmor, SELinux or "
           "chattr(1)";
  if (info.st_uid == geteuid())
    return "its mode does not allow its owner to " + verb + " it: run `chmod u+rw" + (folder ? "x " : " ") +
           what + "`";
  if (owner.user_hidden || info.st_uid == 0) {
    return "give it to the account that suppressd runs as: `chown suppressd: " + what +
           (folder ? "`" : "*`") +
           (folder ? ", or name a file in a folder that belongs to this account in database.path" : "");
  }
  const mode_t wanted = reads ? S_IWGRP : S_IRGRP;
  if ((info.st_mode & wanted) != 0 && !owner.group_hidden && !in_group(info.st_gid))
    return "run it as " + owner.user + " or add its user to the group " + owner.group;
  return "only " + owner.user + " may " + verb + " it: run it as " + owner.user + ", as in `sudo -u " +
         owner.user + " ...`";
}

}  // namespace

void check(int code, sqlite3* handle) {
  if (code == SQLITE_OK) return;
  throw StoreFailure{code, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code)};
}

std::string access_advice(const std::string& path) {
  const std::string process = "this process runs as " + user_name(geteuid());
  if (const std::string closed = closed_folder(path); !closed.empty())
    return process + ", which may not enter the folder " + closed +
           ": allow it, or name another file in database.path";
  const std::string what = in_the_way(path);
  struct stat info {};
  if (stat(what.c_str(), &info) != 0)
    return "create the folder " + what + ", or name another file in database.path";
  const FileOwner owner = owner_of(info);
  const std::string belongs =
      owner.user_hidden ? " belongs to another user" : " belongs to " + owner.user + ":" + owner.group;
  return what + belongs + " (mode " + owner.mode + ") and " + process + ": " +
         permission_advice(what, info, owner);
}

Error to_error(const StoreFailure& failure, const std::string& path) {
  const std::string database = "database " + path + ": ";
  const std::string words = " (SQLite: " + failure.message + ", code " + std::to_string(failure.code) + ")";
  if (failure.code == SQLITE_READONLY_DBMOVED)
    return Error{database +
                 "the file was deleted or replaced while it was open; it is opened again by itself; run a "
                 "command of suppressctl again" +
                 words};
  switch (failure.code & 0xff) {
    case SQLITE_FULL:
      return Error{database +
                   "no space left on the device: free some; nothing is lost, and learning resumes by itself" +
                   words};
    case SQLITE_CORRUPT:
      return Error{
          database +
          "the file is damaged: restore a backup, or save what can be read with sqlite3's .dump or .recover; "
          "suppressd-database(7) shows how" +
          words};
    case SQLITE_NOTADB:
      return Error{
          database +
          "the file is not an SQLite database: name the right one in database.path, or move this one away" +
          words};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error{database + "another program holds a lock: end its transaction (`lslocks | grep " + path +
                   "` shows its process)" + words};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Error{database + "no permission to write: " + access_advice(path) + words};
    case SQLITE_CANTOPEN:
      return Error{database + "cannot be opened: " + access_advice(path) + words};
    case SQLITE_IOERR:
      return Error{database +
                   "reading or writing failed: look at the disk and the kernel's messages (`dmesg`)" + words};
    case SQLITE_NOMEM:
      return Error{database + "out of memory" + words};
    case SQLITE_CONSTRAINT:
      return Error{database + failure.message};
    default:
      return Error{database + failure.message + " (code " + std::to_string(failure.code) + ")"};
  }
}

}  // namespace suppressd
