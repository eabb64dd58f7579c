#include "suppressd/doctor/service_state.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "suppressd/base/text.h"

#include "command.h"

namespace suppressd {
namespace {

using Properties = std::map<std::string, std::vector<std::string>, std::less<>>;

Properties properties_of(std::string_view text) {
  Properties properties;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (const auto equals = line.find('='); equals != std::string_view::npos)
      properties[std::string(line.substr(0, equals))].emplace_back(line.substr(equals + 1));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return properties;
}

std::string one(const Properties& properties, std::string_view name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string{} : found->second.front();
}

std::string show(const char* unit, const char* properties) {
  const auto shown =
      run_command({"systemctl", "show", "--no-pager", "--timestamp=unix", "-p", properties, unit});
  return shown && shown->status == 0 ? shown->out : std::string{};
}

}  // namespace

ServiceState service_state_of(const std::string& service, const std::string& socket) {
  const auto properties = properties_of(service);
  ServiceState state;
  state.known = one(properties, "LoadState") == "loaded";
  if (!state.known) return state;
  state.active = one(properties, "ActiveState");
  state.result = one(properties, "Result");
  state.exit_status = one(properties, "ExecMainStatus");
  state.enabled = one(properties, "UnitFileState");
  state.status = one(properties, "StatusText");
  state.user = one(properties, "User");
  const auto pid = one(properties, "MainPID");
  std::from_chars(pid.data(), pid.data() + pid.size(), state.pid);
  if (const auto since = parse_time(one(properties, "ActiveEnterTimestamp"))) state.since = *since;
  const auto groups = one(properties, "SupplementaryGroups");
  for (std::size_t at = 0; at < groups.size();) {
    const auto end = std::min(groups.find(' ', at), groups.size());
    if (end > at) state.groups.push_back(groups.substr(at, end - at));
    at = end + 1;
  }
  const auto of_socket = properties_of(socket);
  if (one(of_socket, "LoadState") != "loaded") return state;
  state.socket_active = one(of_socket, "ActiveState") == "active";
  state.socket_enabled = one(of_socket, "UnitFileState");
  if (const auto listen = of_socket.find("Listen"); listen != of_socket.end())
    for (const auto& line : listen->second)
      if (const auto end = line.find(" (Stream)"); line.starts_with('/') && end != std::string::npos)
        state.sockets.push_back(line.substr(0, end));
  return state;
}

ServiceState service_state() {
  if (access("/run/systemd/system", F_OK) != 0) return {};
  return service_state_of(
      show("suppressd.service",
           "LoadState,ActiveState,Result,ExecMainStatus,UnitFileState,StatusText,User,MainPID,"
           "ActiveEnterTimestamp,SupplementaryGroups"),
      show("suppressd.socket", "LoadState,ActiveState,UnitFileState,Listen"));
}

}  // namespace suppressd
