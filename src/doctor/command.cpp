#include "command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace suppressd {
namespace {

constexpr std::size_t kMost = 8U << 20U;

/// Administrators' programs are often not in the PATH of those who are no root.
std::string find(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const char* folder :
       {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/", "/usr/local/sbin/", "/usr/local/bin/"})
    if (access((folder + name).c_str(), X_OK) == 0) return folder + name;
  return name;
}

/// False: the end.
bool take(int fd, std::string& text) {
  std::array<char, 16384> part{};
  const auto got = read(fd, part.data(), part.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  if (text.size() < kMost) text.append(part.data(), static_cast<std::size_t>(got));
  return true;
}

}  // namespace

Result<CommandOutput> run_command(std::vector<std::string> words) {
  words.front() = find(words.front());
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0) return Error{words.front() + ": " + std::strerror(errno)};
  if (pipe2(err.data(), O_CLOEXEC) != 0) {
    const int reason = errno;
    close(out[0]);
    close(out[1]);
    return Error{words.front() + ": " + std::strerror(reason)};
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, words.front().c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);
  CommandOutput result;
  if (failed == 0) {
    std::array<pollfd, 2> waits = {{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
    while (waits[0].fd >= 0 || waits[1].fd >= 0) {
      if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) break;
      if (waits[0].revents != 0 && !take(out[0], result.out)) waits[0].fd = -1;
      if (waits[1].revents != 0 && !take(err[0], result.err)) waits[1].fd = -1;
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  close(out[0]);
  close(err[0]);
  if (failed != 0) return Error{"cannot run " + words.front() + ": " + std::strerror(failed)};
  return result;
}

}  // namespace suppressd
