#include "own_host.h"

#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

std::string first_label(std::string_view name) {
  return std::string(name.substr(0, name.find('.')));
}

/// As the resolver's files and services know it; empty: unknown.
std::string full_name_of(const std::string& host_name) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host_name.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  return found->ai_canonname != nullptr ? found->ai_canonname : "";
}

}  // namespace

OwnHost::OwnHost(std::string_view host_name, std::string_view full_name)
    : short_(to_lower(first_label(host_name))) {
  for (const auto name : {host_name, full_name}) {
    // `localhost`, an alias of the loopback address in some /etc/hosts, may be any machine.
    auto longer = to_lower(name);
    if (longer != short_ && first_label(longer) == short_) longer_.push_back(std::move(longer));
  }
}

const OwnHost& OwnHost::of_this_machine() {
  static const OwnHost own = [] {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return OwnHost{"", ""};
    const std::string host_name = name.data();
    return OwnHost{host_name, host_name.find('.') == std::string::npos ? full_name_of(host_name) : ""};
  }();
  return own;
}

std::string_view OwnHost::canonical(std::string_view logged) const {
  if (short_.empty() || logged.size() < short_.size() || logged == short_) return logged;
  const auto lower = to_lower(logged);
  if (lower == short_ || std::find(longer_.begin(), longer_.end(), lower) != longer_.end()) return short_;
  return logged;
}

}  // namespace suppressd
