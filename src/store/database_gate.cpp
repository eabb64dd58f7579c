#include "suppressd/store/database_gate.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "files.h"

namespace suppressd {
namespace {

using Steady = std::chrono::steady_clock;

/// A file that keeps its inode's number for itself, whatever becomes of its name. The descriptor is O_PATH:
/// closing it ends no lock.
class HeldFile {
 public:
  HeldFile() = default;
  ~HeldFile() { release(); }
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;

  bool held() const { return fd_ >= 0; }
  void hold(const std::string& path) {
    if (held()) return;
    path_ = path;
    fd_ = ::open(path_.c_str(), O_PATH | O_CLOEXEC);
    struct stat info {};
    if (held() && fstat(fd_, &info) == 0) id_ = {info.st_dev, info.st_ino};
  }
  void release() {
    if (held()) ::close(std::exchange(fd_, -1));
  }
  /// Whether it still has its name.
  bool in_place() const { return held() && file_at(path_) == id_; }
  bool replaced() const { return held() && !in_place(); }
  bool empty() const {
    struct stat info {};
    return fstat(fd_, &info) == 0 && info.st_size == 0;
  }
  Status remove() const {
    if (::unlink(path_.c_str()) == 0 || errno == ENOENT) return {};
    return Error{path_ + " cannot be removed (" + std::strerror(errno) + ")"};
  }

 private:
  std::string path_;
  int fd_ = -1;
  FileId id_;
};

}  // namespace

struct DatabaseGate::Parts {
  explicit Parts(std::string name) : path(std::move(name)) {}

  const std::string path;
  std::mutex mutex;  ///< Guards what follows.
  HeldFile database;
  HeldFile log;
  HeldFile index;
  std::size_t inside = 0;
  bool replaced = false;
  Steady::time_point trusted_until;
  std::vector<std::function<void()>> closers;

  void hold_all() {
    database.hold(path);
    // SQLite puts them beside the file that a symbolic link leads to.
    std::error_code none;
    const std::string beside = std::filesystem::canonical(path, none).string();
    log.hold((none ? path : beside) + "-wal");
    index.hold((none ? path : beside) + "-shm");
  }

  /// True: this call has noticed it.
  bool notice() {
    if (replaced) return false;
    if (inside == 0 && !database.replaced()) {  // Without us the last one to close may have removed them.
      log.release();
      index.release();
    }
    replaced = database.replaced() || log.replaced() || index.replaced();
    return replaced;
  }

  /// Nobody is inside.
  Status set_aside_what_is_old() {
    const bool other_file = file_at(path) && !database.in_place();
    if (!other_file) return {};
    if (log.in_place() && !log.empty()) {
      return Error{
          "database " + path + ": the file was replaced, but " + path +
          "-wal beside it belongs to the old one and would be taken for a part of the new one: remove " +
          path + "-wal and " + path + "-shm; suppressd then continues with the new file by itself"};
    }
    for (const auto* left : {&log, &index}) {
      if (!left->in_place()) continue;
      if (auto removed = left->remove(); !removed)
        return Error{"database " + path + ": the file was replaced: " + removed.error().message};
    }
    return {};
  }
};

DatabaseGate::DatabaseGate(std::string path) : parts_(std::make_unique<Parts>(std::move(path))) {}
DatabaseGate::~DatabaseGate() = default;

DatabaseGate::Pass::~Pass() {
  if (!gate_) return;
  const std::lock_guard lock(gate_->parts_->mutex);
  --gate_->parts_->inside;
}

Result<DatabaseGate::Pass> DatabaseGate::enter() {
  current(std::chrono::milliseconds{0});
  Parts& parts = *parts_;
  const std::lock_guard lock(parts.mutex);
  if (parts.replaced) {
    if (parts.inside > 0)
      return Error{"database " + parts.path +
                   ": the file was replaced; it is used as soon as the old one is closed everywhere"};
    if (auto aside = parts.set_aside_what_is_old(); !aside) return aside.error();
    for (auto* file : {&parts.database, &parts.log, &parts.index}) file->release();
    parts.replaced = false;
  }
  parts.database.hold(parts.path);
  ++parts.inside;
  return Pass(*this);
}

Status DatabaseGate::entered() {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->hold_all();
  }
  if (current(std::chrono::milliseconds{0})) return {};
  return Error{"database " + path() + ": the file was replaced while it was opened"};
}

bool DatabaseGate::current(std::chrono::milliseconds trusted) {
  Parts& parts = *parts_;
  std::vector<std::function<void()>> closers;
  {
    const std::lock_guard lock(parts.mutex);
    const auto now = Steady::now();
    if (trusted.count() > 0 && now < parts.trusted_until) return !parts.replaced;
    parts.trusted_until = now + kTrusted;
    if (!parts.notice()) return !parts.replaced;
    closers = parts.closers;
  }
  for (const auto& close : closers) close();
  return false;
}

void DatabaseGate::when_replaced(std::function<void()> close) {
  const std::lock_guard lock(parts_->mutex);
  parts_->closers.push_back(std::move(close));
}

bool DatabaseGate::has_log() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->log.held();
}

const std::string& DatabaseGate::path() const {
  return parts_->path;
}

}  // namespace suppressd
