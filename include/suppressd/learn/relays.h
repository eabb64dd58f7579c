// Which hosts are ours and not the recipient's: local relays, smart hosts, the next hops of a transport.
//
// `mta.local_relays` are hand-overs (a content filter, LMTP on a socket): neither failure nor delivery.
// `mta.relays` are smart hosts: what they took is relayed, not delivered, and a fault of theirs costs no
// address. The learning thread and `suppressctl classify` ask the same functions. Immutable after
// construction, safe from any thread.
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
/// case with A-labels,
/// `.example.com` for every host below it, or `unix` for every unix socket. Takes what MTAs write as a next
/// hop, too: `[host]:port`, `smtp:[host]:port`, `relay:host`, `host.`. Error: what can match no relay, with
/// what would be right.
Result<std::string> canonical_relay(std::string_view entry);

class RelayList {
 public:
  /// Entries as canonical_relay() takes them. Error: that of the first one that is none.
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
  std::string provider;  ///< Who runs it; empty where that says nothing about the mailbox's own host.
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

/// Whether an attempt was a hand-over. `relay` and `failed` are the standing of the attempt's hosts of those
/// names.
bool is_hand_over(Standing relay, Standing failed);

/// Whether what `relay` took is relayed, not delivered.
bool is_relayed(const Attempt& attempt, Standing relay);

/// Whether a failed attempt for a recipient of `domain` failed at a host of ours on the way. It did where the
/// host is listed, or mailer `relay` went there; and where nothing but the MTA's own words tell of it (no
/// connection, no such name), also at an address or a port that no MX record can name, at Postfix's
/// relayhost, and at a name that is not in his domain. A host name that cannot be reached may be his MX,
/// wherever it is: that is not ours.
bool failed_at_next_hop(const Attempt& attempt, Standing failed, std::string_view domain);

}  // namespace suppressd
