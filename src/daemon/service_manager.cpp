#include "service_manager.h"

#ifdef SUPPRESSD_JOURNAL
#include <time.h>

#include <systemd/sd-daemon.h>
#endif

namespace suppressd::service_manager {

#ifdef SUPPRESSD_JOURNAL

void ready() {
  sd_notify(0, "READY=1");
}
void status(const std::string& text) {
  sd_notify(0, ("STATUS=" + text).c_str());
}
void reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  sd_notify(
      0,
      ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.tv_sec * 1000000LL + now.tv_nsec / 1000)).c_str());
}
void stopping() {
  sd_notify(0, "STOPPING=1");
}
void alive() {
  sd_notify(0, "WATCHDOG=1");
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds{microseconds / 2};
}

#else

void ready() {}
void status(const std::string&) {}
void reloading() {}
void stopping() {}
void alive() {}
std::optional<std::chrono::microseconds> watchdog_interval() {
  return std::nullopt;
}

#endif

}  // namespace suppressd::service_manager
