#include "suppressd/learn/relays.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "suppressd/base/ascii.h"
#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/provider.h"
#include "suppressd/core/unfound_name.h"
#include "suppressd/learn/settings.h"

namespace suppressd {
namespace {

constexpr std::size_t kLongestName = 255;  // of a host, RFC 1035 section 2.3.4; a log may say anything

constexpr std::string_view kUnix = "unix";
constexpr std::string_view kMxPort = "25";

/// Of IPv6 addresses Sendmail logs all groups, Postfix the short form.
std::string canonical_ip(std::string_view text) {
  if (starts_with_ignoring_case(text, "IPv6:")) text.remove_prefix(5);
  const std::string address(text);
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  std::array<char, INET6_ADDRSTRLEN> shortest{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, address.c_str(), binary.data()) == 1)
      return inet_ntop(family, binary.data(), shortest.data(), shortest.size()) == nullptr ? std::string{}
                                                                                           : shortest.data();
  }
  return {};
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_port(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kServices{"smtp", "smtps", "submission", "submissions",
                                                             "lmtp"};
  return is_number(text) || std::ranges::find(kServices, text) != kServices.end();
}

/// `smtp:`, `relay:`, `lmtp:inet:` before a host, as in a transport map, a mailertable or SMART_HOST.
void take_transport(std::string_view& entry) {
  const auto colon = entry.find(':');
  if (colon == 0 || colon == std::string_view::npos || is_port(entry.substr(colon + 1))) return;
  const auto word = entry.substr(0, colon);
  const auto in_name = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; };
  if (!std::ranges::all_of(word, in_name) || word == kUnix || colon + 1 == entry.size()) return;
  entry.remove_prefix(colon + 1);
  take_transport(entry);
}

/// The host of `[host]:port` and `host:port`; empty where there is something else beside it.
std::string_view host_in(std::string_view entry) {
  const bool bracketed = entry.starts_with('[');
  const auto end = entry.find(bracketed ? ']' : ':');
  if (bracketed && end == std::string_view::npos) return {};
  const auto rest =
      end == std::string_view::npos ? std::string_view{} : entry.substr(bracketed ? end + 1 : end);
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return {};
  return entry.substr(0, end).substr(bracketed ? 1 : 0);
}

bool is_his(const Relay& host, std::string_view domain) {
  if (!domain.starts_with('[')) return !host.host.empty() && equals_ignoring_case(host.host, domain);
  return !host.ip.empty() && canonical_ip(host.ip) == canonical_ip(domain.substr(1, domain.size() - 2));
}

}  // namespace

Result<std::string> canonical_relay(std::string_view entry) {
  const auto wrong = [&](const std::string& what) {
    return Error{"\"" + clean(entry, 200) + "\" can match no relay: " + what};
  };
  constexpr auto kRight =
      "write a host name, an IP address, \".example.com\" for every host below it, or \"unix\" for every "
      "unix socket";
  std::string_view text = trim(entry);
  if (equals_ignoring_case(text, kUnix)) return std::string(kUnix);
  if (auto ip = canonical_ip(text); !ip.empty()) return ip;
  take_transport(text);
  if (text.starts_with('/') || text.starts_with("unix:"))
    return wrong("write \"unix\", which is every unix socket");
  if (text.find('/') != std::string_view::npos)
    return wrong("write each address of a network, or the host names that the log shows");
  if (text.find('@') != std::string_view::npos) return wrong("a relay is a host, not a mail address");
  if (text.starts_with("*."))
    return wrong("write \"" + clean(text.substr(1), 200) + "\" for every host below it");
  if (text.find_first_of(", \t") != std::string_view::npos)
    return wrong("write each relay as an entry of its own");
  const auto host = host_in(text);
  if (host.empty()) return wrong(kRight);
  if (auto ip = canonical_ip(host); !ip.empty()) return ip;
  if (host.find_first_not_of("0123456789.") == std::string_view::npos)
    return wrong("it is not an IP address");
  if (equals_ignoring_case(host, "default") || equals_ignoring_case(host, "none"))
    return wrong(
        "it is not a host; the default of mta.local_relays is \"default\", alone, and [] is no relay");
  const bool below = host.starts_with('.');
  auto name = canonical_domain(below ? host.substr(1) : host);
  if (!name) return wrong(kRight);
  return below ? "." + *name : std::move(*name);
}

Result<RelayList> RelayList::make(const std::vector<std::string>& entries) {
  RelayList list;
  for (const auto& entry : entries) {
    auto host = canonical_relay(entry);
    if (!host) return host.error();
    if (*host == kUnix) {
      list.unix_sockets_ = true;
    } else if (host->front() == '.') {
      list.suffixes_.push_back(std::move(*host));
    } else {
      list.hosts_.insert(std::move(*host));
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
      inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr, text,
                sizeof text);
    }
    if (text[0] != '\0') list.hosts_.insert(text);
  }
  freeifaddrs(interfaces);
  return list;
}

bool RelayList::contains(const Relay& relay) const {
  if (relay.unix_socket) return unix_sockets_;
  if (!relay.ip.empty() && hosts_.contains(canonical_ip(relay.ip))) return true;
  if (relay.host.empty()) return false;
  const auto host = to_lower(relay.host);
  if (hosts_.contains(host)) return true;
  return std::ranges::any_of(suffixes_, [&](const std::string& suffix) { return host.ends_with(suffix); });
}

Result<Relays> Relays::make(const LearnSettings& config) {
  auto local = config.local_relays_default ? Result<RelayList>(RelayList::local_by_default())
                                           : RelayList::make(config.local_relays);
  if (!local) return local.error();
  auto listed = RelayList::make(config.relays);
  if (!listed) return listed.error();
  Relays relays;
  relays.local_ = std::move(*local);
  relays.listed_ = std::move(*listed);
  return relays;
}

Peer Relays::peer_of(const Relay& relay) const {
  Peer peer{.standing = {.local = local_.contains(relay), .listed = listed_.contains(relay)}, .provider = {}};
  const bool has_name = !relay.host.empty() && canonical_ip(relay.host).empty();
  if (has_name && !peer.standing.local && !peer.standing.listed)
    peer.provider = registrable_domain(relay.host.substr(0, kLongestName));
  return peer;
}

bool is_hand_over(Standing relay, Standing failed) {
  return relay.local || failed.local;
}

bool is_relayed(const Attempt& attempt, Standing relay) {
  return relay.listed || attempt.by_relay_mailer;
}

bool failed_at_next_hop(const Attempt& attempt, Standing failed, std::string_view domain) {
  if (failed.listed) return true;
  const bool only_looked_up = attempt.reply.stage == Stage::lookup;
  // Of its relayhost Postfix says 4.3.5, "system incorrectly configured".
  if (only_looked_up && attempt.logged_status.subject == 3 && attempt.logged_status.detail == 5) return true;
  if (is_his(attempt.failed, domain)) return false;
  if (attempt.by_relay_mailer) return true;
  if (attempt.reply.code != 0) return false;
  if (attempt.failed.literal || (!attempt.failed.port.empty() && attempt.failed.port != kMxPort)) return true;
  return only_looked_up && !attempt.failed.host.empty() && is_foreign_name(attempt.failed.host, domain);
}

}  // namespace suppressd
