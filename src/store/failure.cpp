#include "failure.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include <sqlite3.h>

namespace suppressd {
namespace {

std::string user_name(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry ? entry->pw_name : std::to_string(uid);
}

std::string group_name(gid_t gid) {
  const group* entry = getgrgid(gid);
  return entry ? entry->gr_name : std::to_string(gid);
}

std::string mode_text(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

void check(int code, sqlite3* handle) {
  if (code == SQLITE_OK) return;
  throw StoreFailure{code, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code)};
}

std::string access_advice(const std::string& path) {
  struct stat info {};
  std::string what = path;
  if (stat(what.c_str(), &info) != 0) {
    what = folder_of(path);
    if (stat(what.c_str(), &info) != 0)
      return "the folder " + what + " cannot be reached: create it, or name another file in database.path";
  }
  const std::string group = group_name(info.st_gid);
  return what + " belongs to " + user_name(info.st_uid) + ":" + group + " (mode " + mode_text(info.st_mode) +
         ") and this process runs as " + user_name(geteuid()) + ": run it as " + user_name(info.st_uid) + " or add its user to the group " +
         group;
}

Error to_error(const StoreFailure& failure, const std::string& path) {
  const std::string database = "database " + path + ": ";
  const std::string words = " (SQLite: " + failure.message + ", code " + std::to_string(failure.code) + ")";
  if (failure.code == SQLITE_READONLY_DBMOVED)
    return Error{database + "the file was deleted or replaced while it was open; restart the program to use what stands there now" + words};
  switch (failure.code & 0xff) {
    case SQLITE_FULL:
      return Error{database + "no space left on the device: free some; nothing is lost, and learning resumes by itself" + words};
    case SQLITE_CORRUPT:
      return Error{database +
                   "the file is damaged: restore a backup, or save what can be read with sqlite3's .dump or .recover; "
                   "suppressd-database(7) shows how" +
                   words};
    case SQLITE_NOTADB:
      return Error{database + "the file is no SQLite database: name the right one in database.path, or move this one away" + words};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error{database + "another program holds a lock: end its transaction (`fuser " + path + "` shows who has the file open)" +
                   words};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Error{database + "no permission to write: " + access_advice(path) + words};
    case SQLITE_CANTOPEN:
      return Error{database + "cannot be opened: " + access_advice(path) + words};
    case SQLITE_IOERR:
      return Error{database + "reading or writing failed: look at the disk and the kernel's messages (`dmesg`)" + words};
    case SQLITE_NOMEM:
      return Error{database + "out of memory" + words};
    case SQLITE_CONSTRAINT:
      return Error{database + failure.message};
    default:
      return Error{database + failure.message + " (code " + std::to_string(failure.code) + ")"};
  }
}

}  // namespace suppressd
