#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <sqlite3.h>

#include "suppressd/store/admin.h"

#include "database.h"
#include "failure.h"

namespace suppressd {
namespace {

constexpr mode_t kMode = 0640;

Error trouble(const std::string& target, const std::string& what) {
  return Error{"cannot back up to " + target + ": " + what};
}

Error already_there(const std::string& target) {
  return trouble(target, "it already exists; name another file, or move this one away");
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return Error{std::strerror(errno)};
  const bool synced = fsync(file) == 0;
  const int reason = errno;
  ::close(file);
  if (!synced) return Error{std::strerror(reason)};
  return {};
}

/// The copy under a name of its own, until it is whole.
class Draft {
 public:
  explicit Draft(std::string path) : path_(std::move(path)) {}
  ~Draft() {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) unlink((path_ + suffix).c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<std::unique_ptr<Draft>> make_draft(const std::string& target, const struct stat& owner) {
  std::string path = target + ".XXXXXX";
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return trouble(target, std::strerror(errno));
  auto draft = std::make_unique<Draft>(path);
  const bool owned = geteuid() != 0 || fchown(file, owner.st_uid, owner.st_gid) == 0;
  const bool done = owned && fchmod(file, kMode) == 0;
  const int reason = errno;
  ::close(file);
  if (!done) return trouble(target, std::strerror(reason));
  return draft;
}

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

void run(const Handle& handle, const char* sql) {
  check(sqlite3_exec(handle.get(), sql, nullptr, nullptr, nullptr), handle.get());
}

void check_whole(const Handle& handle) {
  std::string answer;
  const auto take = [](void* out, int, char** values, char**) {
    static_cast<std::string*>(out)->append(values[0] ? values[0] : "");
    return 0;
  };
  check(sqlite3_exec(handle.get(), "PRAGMA integrity_check(1)", take, &answer, nullptr), handle.get());
  if (answer != "ok") throw StoreFailure{SQLITE_CORRUPT, answer};
}

void copy(Database& database, const std::string& path) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  const Handle target(opened);
  check(code, opened);
  run(target, "PRAGMA synchronous = OFF");  // synced as a whole, before it gets its name
  sqlite3_backup* backup = sqlite3_backup_init(opened, "main", database.handle(), "main");
  if (!backup) check(sqlite3_extended_errcode(opened), opened);
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) check(stepped, opened);
  check(finished, opened);
  run(target, "PRAGMA journal_mode = DELETE");
  check_whole(target);
}

}  // namespace

Result<std::uint64_t> Admin::back_up(const std::string& target) {
  struct stat info {};
  if (lstat(target.c_str(), &info) == 0) return already_there(target);
  if (stat(database_->path().c_str(), &info) != 0)
    return trouble(target, database_->path() + ": " + std::strerror(errno));
  const auto draft = make_draft(target, info);
  if (!draft) return draft.error();
  const std::string& path = (*draft)->path();
  try {
    copy(*database_, path);
  } catch (const StoreFailure& failure) {
    const bool full = (failure.code & 0xff) == SQLITE_FULL;
    return trouble(target,
                   full ? "no space left on the device" : to_error(failure, database_->path()).message);
  }
  if (Status synced = sync(path, O_RDWR); !synced) return trouble(target, synced.error().message);
  if (link(path.c_str(), target.c_str()) != 0)
    return errno == EEXIST ? already_there(target) : trouble(target, std::strerror(errno));
  if (Status synced = sync(folder_of(target), O_RDONLY | O_DIRECTORY); !synced) {
    unlink(target.c_str());
    return trouble(target, synced.error().message);
  }
  if (stat(target.c_str(), &info) != 0) return trouble(target, std::strerror(errno));
  return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace suppressd
