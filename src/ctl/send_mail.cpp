#include "send_mail.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

extern char** environ;

namespace suppressd::ctl {
namespace {

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) ends_[0] = ends_[1] = -1;
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool open() const { return ends_[0] >= 0; }
  int end(int which) const { return ends_[which]; }
  void close_end(int which) {
    if (const int fd = std::exchange(ends_[which], -1); fd >= 0) close(fd);
  }

 private:
  int ends_[2];
};

bool write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto wrote = write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

}  // namespace

Status send_mail(const std::string& program, const std::string& from, const std::string& to,
                 const std::string& text) {
  std::signal(SIGPIPE, SIG_IGN);  // a program that ends early is seen by its exit status
  Pipe input;
  if (!input.open()) return Error{program + ": " + std::strerror(errno)};
  std::string arguments[] = {program, "-i", "-f", from, "--", to};
  char* pointers[7] = {};
  for (std::size_t i = 0; i < std::size(arguments); ++i) pointers[i] = arguments[i].data();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.end(0), STDIN_FILENO);
  pid_t child = 0;
  const int failed = posix_spawn(&child, program.c_str(), &actions, nullptr, pointers, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error{"cannot run " + program + ": " + std::strerror(failed)};
  input.close_end(0);
  const bool taken = write_all(input.end(1), text);
  input.close_end(1);
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return Error{program + ": " + std::strerror(errno)};
  if (!WIFEXITED(status)) return Error{program + " was killed, and has perhaps not taken the mail"};
  if (WEXITSTATUS(status) != 0 || !taken)
    return Error{program + " did not take the mail: exit status " + std::to_string(WEXITSTATUS(status))};
  return {};
}

}  // namespace suppressd::ctl
