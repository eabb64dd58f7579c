#include "database_findings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "suppressd/base/file_owner.h"
#include "suppressd/store/admin.h"
#include "suppressd/store/reader.h"

#include "write_ahead_log.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;
using Level = FindingLevel;

constexpr std::uint64_t kSmall = 64U << 20U;  // is checked as a whole, within a second
constexpr std::uint64_t kLittle = 1U << 30U;
constexpr std::uint64_t kVeryLittle = 64U << 20U;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// In the child: why it cannot be used; empty: it can.
std::string try_to_use(const std::string& path) {
  if (auto reader = Reader::open(path); !reader) return reader.error().message;
  const std::string folder = fs::path(path).parent_path().string();
  for (const std::string& name : {path, path + "-wal", path + "-shm", folder})
    if (faccessat(AT_FDCWD, name.c_str(), F_OK, AT_EACCESS) == 0 &&
        faccessat(AT_FDCWD, name.c_str(), W_OK, AT_EACCESS) != 0)
      return name + " cannot be written to";
  return {};
}

/// Whether a process has a file open that was at this path, and is not there now.
bool holds_another(int pid, const std::string& path) {
  struct stat named {};
  if (pid == 0 || stat(path.c_str(), &named) != 0) return false;
  std::error_code none;
  bool holds_this = false;
  bool holds_old = false;
  for (fs::directory_iterator entry("/proc/" + std::to_string(pid) + "/fd", none), end; !none && entry != end;
       entry.increment(none)) {
    std::error_code unread;
    const auto target = fs::read_symlink(entry->path(), unread).string();
    if (target == path) {
      struct stat open_file {};
      const bool same = stat(entry->path().c_str(), &open_file) == 0 && open_file.st_dev == named.st_dev &&
                        open_file.st_ino == named.st_ino;
      (same ? holds_this : holds_old) = true;
    }
    if (target == path + " (deleted)") holds_old = true;
  }
  return holds_old && !holds_this;
}

}  // namespace

DatabaseFacts look_at_database(const std::string& path, const Account& account, int pid) {
  DatabaseFacts facts{.path = path, .account = account.name};
  struct stat info {};
  facts.exists = stat(path.c_str(), &info) == 0;
  struct statvfs disk {};
  if (statvfs(fs::path(path).parent_path().c_str(), &disk) == 0) {
    facts.available = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    facts.total = std::uint64_t{disk.f_blocks} * disk.f_frsize;
  }
  if (!facts.exists) return facts;
  const FileOwner owner = owner_of(info);
  facts.owner = owner.user;
  facts.mode = owner.mode;
  facts.others_read =
      (info.st_mode & S_IROTH) != 0 && access(fs::path(path).parent_path().c_str(), F_OK) == 0;
  if (struct stat folder{}; facts.others_read && stat(fs::path(path).parent_path().c_str(), &folder) == 0)
    facts.others_read = (folder.st_mode & S_IXOTH) != 0;
  facts.has_log = access((path + "-wal").c_str(), F_OK) == 0;
  facts.log_is_foreign = facts.has_log && is_foreign_log(path);
  facts.held_elsewhere = holds_another(pid, path);
  // An alien log must not be applied, which opening the database would do.
  if (facts.log_is_foreign) return facts;
  const auto error = as_account(account, {}, [&] { return try_to_use(path); });
  facts.error = error ? *error : [&] {
    const auto reader = Reader::open(path);
    return reader ? std::string{} : reader.error().message;
  }();
  if (!facts.error.empty() || static_cast<std::uint64_t>(info.st_size) > kSmall) return facts;
  if (auto admin = Admin::open(path))
    if (auto checked = admin->check(); !checked) facts.damage = checked.error().message;
  return facts;
}

Findings database_findings(const DatabaseFacts& facts) {
  Findings found;
  const auto add = [&](Level level, std::string name, std::string what, std::string why, std::string fix) {
    found.push_back({level, std::move(name), std::move(what), std::move(why), std::move(fix)});
  };
  if (!facts.exists)
    add(Level::error, "database-missing", "there is no database " + facts.path,
        "suppressd refuses no one without it",
        "systemctl start suppressd makes it; or name it in database.path");
  if (facts.log_is_foreign)
    add(Level::error, "database-copied",
        facts.path +
            "-wal belongs to another file: the database was copied while suppressd ran, or a copy was put in "
            "its place without removing what was beside the old one",
        "SQLite takes the old log for a part of the file, and damages it",
        "systemctl stop suppressd.socket suppressd; rm " + facts.path + "-wal " + facts.path +
            "-shm; restore a copy that `suppressctl backup FILE` made; suppressctl doctor; systemctl start "
            "suppressd.socket suppressd");
  if (facts.held_elsewhere)
    add(Level::error, "database-replaced", "the running suppressd has another file open than " + facts.path,
        "what it learns goes into a file that has no name any more", "systemctl restart suppressd");
  if (facts.exists && !facts.has_log && !facts.log_is_foreign)
    add(Level::warning, "database-copied",
        facts.path + " has no -wal beside it: cp made it, or sqlite3 was the last to use it",
        "a copy that cp made while suppressd ran lacks the newest changes, and may be damaged",
        "if it is a copy: suppressctl backup FILE makes a whole one while suppressd runs; else start "
        "suppressd");
  if (!facts.error.empty()) {
    const auto colon = facts.error.rfind(": ");
    const bool has_fix = colon != std::string::npos && colon > facts.error.size() / 4;
    const bool owner = !facts.owner.empty() && facts.owner != facts.account &&
                       facts.error.find("version") == std::string::npos;
    add(Level::error, "database",
        owner ? facts.path + " belongs to " + facts.owner + ", mode " + facts.mode + ", and " +
                    facts.account + " cannot use it: " + first_line(facts.error)
              : first_line(facts.error),
        "suppressd cannot answer the MTA, or cannot learn",
        owner ? "chown " + facts.account + ": " + facts.path + "*"
              : (has_fix ? facts.error.substr(colon + 2) : "suppressd-database(7), BACKUP AND RESTORE"));
  } else if (facts.exists && !facts.account.empty() && facts.owner != facts.account) {
    add(Level::warning, "database-owner",
        facts.path + " belongs to " + facts.owner + ", not to " + facts.account,
        "files that are made beside it may belong to someone else, and then suppressd cannot open it",
        "chown " + facts.account + ": " + facts.path + "*");
  }
  if (!facts.damage.empty())
    add(Level::error, "database-damaged", first_line(facts.damage),
        "look-ups and learning fail, in part or at random; a copy that cp made while suppressd ran is often "
        "so",
        "restore a backup, or save what can be read: suppressd-database(7), \"A damaged database\"");
  if (facts.others_read)
    add(Level::warning, "database-mode",
        "everyone on this host may read " + facts.path + " (mode " + facts.mode + ")",
        "it has the addresses of those to whom you write", "chmod 0640 " + facts.path + "*");
  if (facts.total > 0 && facts.available < kLittle && facts.available < facts.total / 20) {
    const bool full = facts.available < kVeryLittle;
    add(full ? Level::error : Level::warning, "disk",
        "the disk of " + facts.path + " has " + std::to_string(facts.available >> 20U) + " MiB left of " +
            std::to_string(facts.total >> 20U),
        "when it is full, suppressd goes on refusing but learns nothing",
        "df -h " + facts.path + "; free some, or move the database: database.path");
  }
  return found;
}

}  // namespace suppressd
