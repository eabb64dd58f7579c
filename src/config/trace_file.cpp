#include "suppressd/config/trace_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "suppressd/base/seal.h"

namespace suppressd {
namespace {

constexpr std::size_t kLongestFile = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }

 private:
  int number_;
};

Error problem(const std::string& what, const std::string& path) {
  return {what + " " + path + ": " + std::strerror(errno)};
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Result<std::string> random_secret() {
  std::string secret(kSecretBytes, '\0');
  if (getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size()))
    return problem("cannot create a key for", "the trace");
  return secret;
}

/// Owner of the existing file, else of its folder.
Status give_owner(int file, const std::string& path) {
  struct stat owner {};
  if (stat(path.c_str(), &owner) != 0 && stat(folder_of(path).c_str(), &owner) != 0)
    return problem("cannot check", path);
  if (geteuid() != 0 || fchown(file, owner.st_uid, owner.st_gid) == 0) return {};
  return problem("cannot give the owner of its folder to", path);
}

Status store(const std::string& path, const TraceKeys& keys) {
  const auto text = keys.text();
  const auto fresh = path + ".new";
  unlink(fresh.c_str());
  {
    const Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file < 0) return problem("cannot write", fresh);
    if (auto given = give_owner(file, path); !given) return given;
    if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) || fsync(file) != 0) {
      const auto failed = problem("cannot write", fresh);
      unlink(fresh.c_str());
      return failed;
    }
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return problem("cannot write", path);
  const Descriptor folder(open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder >= 0) fsync(folder);
  return {};
}

bool is_missing(const std::string& path) {
  return access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

}  // namespace

std::string trace_file_of(const Config& config) {
  if (!config.trace_key_file.empty()) return config.trace_key_file;
  return (std::filesystem::path(config.database_path).parent_path() / "trace.keys").string();
}

Result<TraceKeys> load_trace_keys(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file < 0) {
    const bool missing = errno == ENOENT;
    auto unread = problem("cannot read trace.key_file", path);
    if (missing) unread.message += "; suppressd makes it at its start";
    return unread;
  }
  struct stat info {};
  if (fstat(file, &info) != 0) return problem("cannot check", path);
  if (!S_ISREG(info.st_mode)) return Error{"trace.key_file " + path + " is not a file"};
  if ((info.st_mode & 077) != 0) {
    return Error{"trace.key_file " + path +
                 ": users other than its owner can use it to forge the proof of a bounce: run `chmod 600 " +
                 path + "`, and `suppressctl trace-key rotate` if someone may have read it"};
  }
  std::string text(kLongestFile, '\0');
  const auto length = read(file, text.data(), text.size());
  if (length < 0) return problem("cannot read trace.key_file", path);
  text.resize(static_cast<std::size_t>(length));
  return TraceKeys::parse(text, path);
}

Result<TraceKeys> load_or_make_trace_keys(const std::string& path, Time now) {
  if (is_missing(path)) return rotate_trace_keys(path, now, kForever);
  return load_trace_keys(path);
}

Status check_trace_keys(const std::string& path) {
  if (is_missing(path)) {
    if (access(folder_of(path).c_str(), W_OK | X_OK) == 0) return {};
    return problem("cannot create trace.key_file", path);
  }
  if (const auto keys = load_trace_keys(path); !keys) return keys.error();
  return {};
}

Result<TraceKeys> rotate_trace_keys(const std::string& path, Time now, Duration life) {
  TraceKeys keys;
  if (!is_missing(path)) {
    auto known = load_trace_keys(path);
    if (!known) return known;
    keys = std::move(*known);
  }
  auto secret = random_secret();
  if (!secret) return secret.error();
  keys.add(*secret, now);
  keys.expire(now, life);
  if (auto stored = store(path, keys); !stored) return stored.error();
  return keys;
}

}  // namespace suppressd
