// Which relays are not the recipient's own host: local ones, and smart hosts.
//
// `mta.local_relays` are hand-overs (a content filter, LMTP on a socket): neither failure nor delivery. `mta.relays` are smart hosts: what
// they took is relayed, not delivered. Immutable after construction, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "suppressd/core/event.h"
#include "suppressd/core/result.h"

namespace suppressd {

/// Whether the relay has a host name, which says who runs it; an address, a socket or nothing does not.
bool has_name(const Relay& relay);

class RelayList {
 public:
  /// Entries: an IP address, a host name, `.example.com` for every host below, or `unix` for every unix socket. Brackets and a `:port`
  /// behind are ignored. Error: an empty entry.
  static Result<RelayList> make(const std::vector<std::string>& entries);
  /// 127.0.0.1 and ::1 but not the rest of 127/8, every unix socket, and the addresses of this host's interfaces.
  static RelayList local_by_default();

  bool contains(const Relay& relay) const;

 private:
  std::unordered_set<std::string> hosts_;
  std::vector<std::string> suffixes_;
  bool unix_sockets_ = false;
};

}  // namespace suppressd
