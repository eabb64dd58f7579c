#include "relay.h"

#include "suppressd/base/scan.h"

namespace suppressd {
namespace {

bool is_ip(std::string_view text) {
  const bool v4 = !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
  const bool v6 = text.find(':') != text.rfind(':') &&
                  text.find_first_not_of("0123456789abcdefABCDEF:.%") == std::string_view::npos;
  return v4 || v6;
}

/// Returns the text in the first brackets of `text`, and removes everything up to their end.
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

/// `host`, `host:25`, `192.0.2.1:25`, `2001:db8::1`.
void read_bare(std::string_view text, Relay& relay) {
  const std::size_t colon = text.find(':');
  const bool has_port = colon != std::string_view::npos && colon == text.rfind(':');
  relay.host = host_name(has_port ? text.substr(0, colon) : text);
  if (has_port) relay.port = text.substr(colon + 1);
  if (is_ip(relay.host)) relay.ip = relay.host;
}

/// `host[192.0.2.1]:25`, `host[/path]`, `[192.0.2.1]`, `[host]`, `[192.0.2.1] [192.0.2.1]`.
void read_bracketed(std::string_view text, Relay& relay) {
  relay.host = host_name(text.substr(0, text.find('[')));
  relay.literal = relay.host.empty();
  std::string_view inner = take_bracketed(text);
  if (relay.literal) {
    relay.host = host_name(inner);
    if (text.find('[') != std::string_view::npos) inner = take_bracketed(text);
  }
  if (scan::take(text, ":")) relay.port = text;
  if (inner.find('/') != std::string_view::npos) {
    relay.unix_socket = true;
  } else if (is_ip(inner)) {
    relay.ip = inner;
  }
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
  if (text.find('[') == std::string_view::npos) {
    read_bare(text, relay);
  } else {
    read_bracketed(text, relay);
  }
  relay.literal = relay.literal || is_ip(relay.host);
  return relay;
}

}  // namespace suppressd
