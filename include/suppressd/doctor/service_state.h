// suppressd's units as systemd knows them.
//
// Asks systemctl(1), if systemd runs; starts child processes. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/time.h"

namespace suppressd {

struct ServiceState {
  bool known = false;       ///< systemd runs, and has the unit suppressd.service.
  std::string active;       ///< `active`, `failed`, `inactive`, `activating`
  std::string result;       ///< `exit-code`
  std::string exit_status;  ///< Of the last end.
  std::string enabled;      ///< `enabled`, `disabled`
  std::string status;       ///< What it says of itself: `look-ups ok; learning from the journal`
  std::optional<Time> since;
  int pid = 0;  ///< 0: it does not run.
  std::string user;
  std::vector<std::string> groups;  ///< SupplementaryGroups=
  bool socket_active = false;
  std::string socket_enabled;
  std::vector<std::string> sockets;  ///< Paths on which suppressd.socket listens.
};

ServiceState service_state();

/// Of what `systemctl show` prints for the service and for the socket. Pure.
ServiceState service_state_of(const std::string& service, const std::string& socket);

}  // namespace suppressd
