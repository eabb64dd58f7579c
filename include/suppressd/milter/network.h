// IP addresses and networks, as `milter.bypass_networks` names them.
//
// IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2), so that `::ffff:192.0.2.1` is
// 192.0.2.1 wherever it comes from. Pure functions, safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"

namespace suppressd {

using IpAddress = std::array<std::uint8_t, 16>;

/// Reads `192.0.2.1` and `2001:db8::1`; nullopt for anything else.
std::optional<IpAddress> parse_ip(std::string_view text);

/// A CIDR block (RFC 4632).
class Network {
 public:
  /// `192.0.2.0/24`, `2001:db8::/32`, or a single address. If bits are set after the prefix, the
  /// error shows the right network.
  static Result<Network> parse(std::string_view text);
  /// The block of that size that an address is in.
  static Network around(const IpAddress& address, unsigned prefix_of_ipv4, unsigned prefix_of_ipv6);

  /// An IPv4 network contains no IPv6 addresses, and vice versa, not even `::/0`.
  bool contains(const IpAddress& address) const;

  std::string text() const;

 private:
  Network(const IpAddress& base, unsigned prefix) : base_(base), prefix_(prefix) {}
  IpAddress base_;
  unsigned prefix_;  ///< Of the 128 bits.
};

}  // namespace suppressd
