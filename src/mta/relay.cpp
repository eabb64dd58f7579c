#include "suppressd/mta/relay.h"

#include "scan.h"

namespace suppressd {
namespace {

bool is_ip(std::string_view text) {
  const bool v4 = !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
  const bool v6 = text.find(':') != text.rfind(':') && text.find_first_not_of("0123456789abcdefABCDEF:.%") == std::string_view::npos;
  return v4 || v6;
}

/// What stands between the first bracket of `text` and its end; takes both off.
std::string_view take_bracketed(std::string_view& text) {
  text.remove_prefix(text.find('[') + 1);
  std::string_view inner = scan::take_until(text, "]");
  scan::take(inner, "IPv6:");
  return inner;
}

std::string_view host_name(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('.')) text.remove_suffix(1);
  return text;
}

}  // namespace

Relay read_relay(std::string_view text) {
  Relay relay;
  relay.text = text;
  if (text.empty() || text == "none") return relay;
  if (text.starts_with('/')) {
    relay.unix_socket = true;
    return relay;
  }
  const std::size_t bracket = text.find('[');
  if (bracket == std::string_view::npos) {
    const std::size_t colon = text.find(':');
    const bool port = colon != std::string_view::npos && colon == text.rfind(':');
    relay.host = host_name(port ? text.substr(0, colon) : text);
    if (is_ip(relay.host)) relay.ip = relay.host;
    return relay;
  }
  relay.host = host_name(text.substr(0, bracket));
  std::string_view rest = text;
  std::string_view inner = take_bracketed(rest);
  if (relay.host.empty()) {
    relay.host = inner;
    if (rest.find('[') != std::string_view::npos) inner = take_bracketed(rest);
  }
  if (inner.find('/') != std::string_view::npos) {
    relay.unix_socket = true;
  } else {
    relay.ip = inner;
  }
  return relay;
}

}  // namespace suppressd
