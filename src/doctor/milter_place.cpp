#include "milter_place.h"

#include <algorithm>
#include <array>

#include "suppressd/base/text.h"
#include "suppressd/milter/socket.h"

namespace suppressd {
namespace {

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

bool is_same_host(std::string_view a, std::string_view b) {
  return a == b || (is_loopback(a) && is_loopback(b));
}

}  // namespace

MilterPlace MilterPlace::of(const std::string& socket, const std::vector<std::string>& unit_paths) {
  MilterPlace place;
  const auto address = parse_socket(socket);
  if (!address) return place;
  switch (address->form) {
    case SocketAddress::Form::unix_path:
      place.paths = {address->path};
      break;
    case SocketAddress::Form::descriptor:
      place.paths = unit_paths;
      break;
    case SocketAddress::Form::inet:
    case SocketAddress::Form::inet6:
      place.port = std::to_string(address->port);
      place.host = address->host;
      break;
  }
  return place;
}

std::string MilterPlace::name() const {
  if (!paths.empty()) return paths.front();
  return port.empty() ? std::string{} : "inet:" + host + ":" + port;
}

bool MilterPlace::is_at(std::string_view path) const {
  return std::ranges::find(paths, path) != paths.end();
}

bool MilterPlace::is_meant(std::string_view endpoint) const {
  if (endpoint.find("suppressd") != std::string_view::npos) return true;
  if (port.empty() || !(endpoint.starts_with("inet:") || endpoint.starts_with("inet6:"))) return false;
  const auto rest = endpoint.substr(endpoint.find(':') + 1);
  if (const auto at = rest.find('@'); at != std::string_view::npos)
    return rest.substr(0, at) == port && is_same_host(rest.substr(at + 1), host);
  const auto colon = rest.rfind(':');
  return colon != std::string_view::npos && rest.substr(colon + 1) == port &&
         is_same_host(rest.substr(0, colon), host);
}

std::string MilterPlace::endpoint(const std::string& folder) const {
  for (const auto& path : paths)
    if (!folder.empty() && path.starts_with(folder + "/")) return "unix:" + path.substr(folder.size() + 1);
  if (!paths.empty()) return "unix:" + paths.front();
  if (!port.empty()) return "inet:" + host + ":" + port;
  return "unix:suppressd/suppressd.sock";
}

bool is_signer(std::string_view endpoint) {
  const std::string text = to_lower(endpoint);
  for (const std::string_view name : {"dkim", "rspamd"})
    if (text.find(name) != std::string::npos) return true;
  constexpr std::array<std::string_view, 3> kPorts = {"8891", "11332", "12301"};  // OpenDKIM's, rspamd's
  if (!text.starts_with("inet")) return false;
  return std::ranges::any_of(kPorts, [&](std::string_view port) {
    return text.ends_with(":" + std::string(port)) ||
           text.find(":" + std::string(port) + "@") != std::string::npos;
  });
}

}  // namespace suppressd
