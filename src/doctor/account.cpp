#include "account.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace suppressd {
namespace {

constexpr int kCannot = 111;  // exit status of a child that could not become the account

bool become(const Account& account, const Where& where) {
  if (!where.chroot.empty() && (chroot(where.chroot.c_str()) != 0 || chdir("/") != 0)) return false;
  if (!where.folder.empty() && chdir(where.folder.c_str()) != 0) return false;
  if (geteuid() != 0) return geteuid() == account.uid;
  return setgroups(account.groups.size(), account.groups.data()) == 0 &&
         setresgid(account.gid, account.gid, account.gid) == 0 &&
         setresuid(account.uid, account.uid, account.uid) == 0;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const auto got = read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::optional<Account> Account::of(const std::string& name, const std::vector<std::string>& more) {
  const passwd* entry = getpwnam(name.c_str());
  if (entry == nullptr) return std::nullopt;
  Account account{.name = name, .uid = entry->pw_uid, .gid = entry->pw_gid, .groups = {}};
  int count = 64;
  account.groups.resize(static_cast<std::size_t>(count));
  if (getgrouplist(name.c_str(), account.gid, account.groups.data(), &count) < 0) count = 0;
  account.groups.resize(static_cast<std::size_t>(count));
  for (const auto& group_name : more)
    if (const group* found = getgrnam(group_name.c_str())) account.groups.push_back(found->gr_gid);
  return account;
}

Account Account::of(uid_t uid, gid_t gid) {
  if (const passwd* entry = getpwuid(uid))
    if (auto named = of(std::string(entry->pw_name))) return *named;
  return {.name = std::to_string(uid), .uid = uid, .gid = gid, .groups = {}};
}

std::optional<std::string> as_account(const Account& account, const Where& where,
                                      const std::function<std::string()>& look) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return std::nullopt;
  }
  if (child == 0) {
    if (!become(account, where)) _exit(kCannot);
    const auto text = look();
    std::size_t done = 0;
    while (done < text.size()) {
      const auto wrote = write(ends[1], text.data() + done, text.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) break;
      done += static_cast<std::size_t>(wrote);
    }
    _exit(0);
  }
  close(ends[1]);
  auto text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return text;
}

}  // namespace suppressd
