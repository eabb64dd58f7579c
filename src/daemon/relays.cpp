#include "suppressd/daemon/relays.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include "suppressd/core/text.h"

namespace suppressd {
namespace {

// `[host]:port`, `host:port`, `[ip]` and `ip` to the bare name; an IPv6 address has more than one colon.
std::string bare_host(std::string_view entry) {
  entry = trim(entry);
  if (!entry.empty() && entry.front() == '[') {
    const auto end = entry.find(']');
    return to_lower(entry.substr(1, end == std::string_view::npos ? end : end - 1));
  }
  const auto colon = entry.find(':');
  if (colon != std::string_view::npos && entry.find(':', colon + 1) == std::string_view::npos) entry = entry.substr(0, colon);
  return to_lower(entry);
}

}  // namespace

Result<RelayList> RelayList::make(const std::vector<std::string>& entries) {
  RelayList list;
  for (const auto& entry : entries) {
    auto host = bare_host(entry);
    if (host.empty()) return Error{"'" + clean(entry) + "' names no relay: write a host name, an IP address, `.example.com`, or `unix`"};
    if (host == "unix") {
      list.unix_sockets_ = true;
    } else if (host.front() == '.') {
      list.suffixes_.push_back(std::move(host));
    } else {
      list.hosts_.insert(std::move(host));
    }
  }
  return list;
}

RelayList RelayList::local_by_default() {
  RelayList list;
  list.unix_sockets_ = true;
  list.hosts_ = {"127.0.0.1", "::1"};
  ifaddrs* interfaces = nullptr;
  if (getifaddrs(&interfaces) != 0) return list;
  for (const auto* one = interfaces; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    char text[INET6_ADDRSTRLEN] = {};
    if (one->ifa_addr->sa_family == AF_INET) {
      const auto& address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr;
      if ((ntohl(address.s_addr) >> 24) == 127) continue;
      inet_ntop(AF_INET, &address, text, sizeof text);
    } else if (one->ifa_addr->sa_family == AF_INET6) {
      inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr, text, sizeof text);
    }
    if (text[0] != '\0') list.hosts_.insert(text);
  }
  freeifaddrs(interfaces);
  return list;
}

bool has_name(const Relay& relay) {
  const bool is_address =
      relay.host.find_first_not_of("0123456789.") == std::string_view::npos || relay.host.find(':') != std::string_view::npos;
  return !relay.host.empty() && !is_address;
}

bool RelayList::contains(const Relay& relay) const {
  if (relay.unix_socket) return unix_sockets_;
  if (!relay.ip.empty() && hosts_.contains(to_lower(relay.ip))) return true;
  if (relay.host.empty()) return false;
  const auto host = to_lower(relay.host);
  if (hosts_.contains(host)) return true;
  for (const auto& suffix : suffixes_)
    if (host.ends_with(suffix)) return true;
  return false;
}

}  // namespace suppressd
