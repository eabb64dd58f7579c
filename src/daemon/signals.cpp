#include "signals.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace suppressd::signals {
namespace {

sigset_t awaited() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals, signal);
  return signals;
}

Wish wish_of(int signal) {
  return signal == SIGUSR1 ? Wish::reload : Wish::stop;
}

void hand_on_hangup(int /*signal*/) {
  const int error = errno;
  kill(getpid(), SIGUSR1);
  errno = error;
}

}  // namespace

void arrange() {
  const sigset_t signals = awaited();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  struct sigaction hangup {};
  hangup.sa_handler = hand_on_hangup;
  hangup.sa_flags = SA_RESTART | SA_NODEFER;  // not even blocked while it is handled
  sigaction(SIGHUP, &hangup, nullptr);
}

Wish next() {
  const sigset_t signals = awaited();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) continue;
  return wish_of(signal);
}

std::optional<Wish> next_within(std::chrono::seconds patience) {
  const sigset_t signals = awaited();
  const timespec time{.tv_sec = patience.count(), .tv_nsec = 0};
  const int signal = sigtimedwait(&signals, nullptr, &time);
  if (signal < 0) return std::nullopt;
  return wish_of(signal);
}

void ask_to_stop() {
  kill(getpid(), SIGTERM);
}

}  // namespace suppressd::signals
