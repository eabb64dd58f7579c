#include "suppressd/milter/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;

bool is_ipv4(const IpAddress& address) {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

IpAddress masked(IpAddress address, unsigned prefix) {
  for (unsigned i = 0; i < address.size(); ++i) {
    const unsigned kept = std::min(8U, prefix - std::min(prefix, 8 * i));
    address[i] = static_cast<std::uint8_t>(address[i] & (0xff00U >> kept));
  }
  return address;
}

Error not_a_network(std::string_view text) {
  return Error{"`" + clean(text, 80) +
               "` is not a network: write 192.0.2.0/24, 2001:db8::/32, or one IP address"};
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address{};
  if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  std::copy(kMapped.begin(), kMapped.end(), address.begin());
  if (inet_pton(AF_INET, terminated.c_str(), address.data() + kMapped.size()) == 1) return address;
  return std::nullopt;
}

Result<Network> Network::parse(std::string_view text) {
  const std::string_view whole = trim(text);
  const auto slash = whole.find('/');
  const auto base = parse_ip(whole.substr(0, slash));
  if (!base) return not_a_network(text);
  const bool dotted = whole.substr(0, slash).find(':') == std::string_view::npos;
  const unsigned most = dotted ? kBits - kMappedBits : kBits;
  unsigned prefix = most;
  if (slash != std::string_view::npos) {
    const auto digits = whole.substr(slash + 1);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (problem != std::errc{} || end != digits.data() + digits.size() || prefix > most)
      return not_a_network(text);
  }
  if (dotted) prefix += kMappedBits;
  const Network network(masked(*base, prefix), prefix);
  if (network.base_ != *base) {
    return Error{"`" + std::string(whole) + "` has bits set after its prefix: write " + network.text()};
  }
  return network;
}

Network Network::around(const IpAddress& address, unsigned prefix_of_ipv4, unsigned prefix_of_ipv6) {
  const unsigned prefix = is_ipv4(address) ? kMappedBits + prefix_of_ipv4 : prefix_of_ipv6;
  return {masked(address, prefix), prefix};
}

bool Network::contains(const IpAddress& address) const {
  return is_ipv4(address) == is_ipv4(base_) && masked(address, prefix_) == base_;
}

std::string Network::text() const {
  const bool dotted = is_ipv4(base_) && prefix_ >= kMappedBits;
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(dotted ? AF_INET : AF_INET6, dotted ? base_.data() + kMapped.size() : base_.data(), buffer,
            sizeof buffer);
  return std::string(buffer) + "/" + std::to_string(dotted ? prefix_ - kMappedBits : prefix_);
}

}  // namespace suppressd
