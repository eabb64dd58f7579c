// Which hosts are ours and not the recipient's: local relays, smart hosts, the next hops of a transport.
//
// An attempt to a host of `mta.local_relays` (a content filter, LMTP on a socket) is a hand-over: neither
// failure nor delivery. What a host of `mta.relays` (a smart host) accepts is relayed, not delivered, and
// its faults cost no address. The learning thread and `suppressctl classify` use the same functions.
// Immutable after construction, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/event.h"

namespace suppressd {

struct LearnSettings;

/// An entry in the form in which the log's `relay=` is compared with it: an IP address, a host name in lower
/// case with A-labels, `.example.com` for every host below it, or `unix` for every unix socket. Also takes
/// the next hops of MTAs: `[host]:port`, `smtp:[host]:port`, `relay:host`, `host.`. Error: it can match no
/// relay; says what would be right.
Result<std::string> canonical_relay(std::string_view entry);

class RelayList {
 public:
  /// Entries as canonical_relay() takes them. Error: that of the first invalid one.
  static Result<RelayList> make(const std::vector<std::string>& entries);
  /// 127.0.0.1 and ::1 but not the rest of 127/8, every unix socket, and the addresses of this host's
  /// interfaces.
  static RelayList local_by_default();

  bool contains(const Relay& relay) const;

 private:
  std::unordered_set<std::string> hosts_;
  std::vector<std::string> suffixes_;
  bool unix_sockets_ = false;
};

/// What the configuration says of a host.
struct Standing {
  bool local = false;   ///< In `mta.local_relays`.
  bool listed = false;  ///< In `mta.relays`.
};

struct Peer {
  Standing standing;
  std::string provider;  ///< Who runs it; empty if it is not the mailbox's own host.
};

class Relays {
 public:
  /// Error: an entry that cannot be read.
  static Result<Relays> make(const LearnSettings& config);
  Peer peer_of(const Relay& relay) const;

 private:
  RelayList local_;
  RelayList listed_;
};

/// Whether an attempt was a hand-over. `relay` and `failed`: the standing of the attempt's hosts of these
/// names.
bool is_hand_over(Standing relay, Standing failed);

/// Whether a message that `relay` accepted is relayed, not delivered.
bool is_relayed(const Attempt& attempt, Standing relay);

/// Whether an attempt for a recipient of `domain` failed at a host of ours on the way. It did if the host is
/// listed, or if mailer `relay` went there and it is not the recipient's. If only the MTA's own words report
/// the failure (no connection, no such name), it also did at an address or a port that no MX record can name,
/// at Postfix's relayhost, and at a name outside the domain that does not exist. A host name that cannot be
/// reached may be the recipient's MX, wherever it is: that is not ours.
bool failed_at_next_hop(const Attempt& attempt, Standing failed, std::string_view domain);

}  // namespace suppressd
