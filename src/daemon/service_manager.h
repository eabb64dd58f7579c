// What systemd is told: ready, alive, stopping (sd_notify(3)).
//
// Without systemd, or in a build without libsystemd, every call does nothing. Safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "suppressd/base/time.h"

namespace suppressd::service_manager {

void ready();
/// One line: what `systemctl status` shows.
void status(const std::string& text);
void reloading();
void stopping();
void alive();

/// How often alive() is expected (half of WatchdogSec=); nullopt: no watchdog.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace suppressd::service_manager
