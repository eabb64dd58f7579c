#include "postfix/delivery_line.h"

#include "suppressd/base/scan.h"

#include "field_name.h"

namespace suppressd {
namespace {

constexpr auto kNone = std::string_view::npos;

/// `<address>` or a bare value, and the `, ` behind it. A quoted local part may hold anything, `>,
/// status=sent` included.
std::optional<std::string_view> take_address(std::string_view& text) {
  std::size_t end = 0;
  if (!text.starts_with('<')) {
    end = text.find(", ");
    if (end == kNone) return std::nullopt;
    const std::string_view address = text.substr(0, end);
    text.remove_prefix(end + 2);
    return address;
  }
  for (;;) {
    const std::size_t bracket = scan::find_unquoted(text.substr(end), '>');
    if (bracket == kNone) return std::nullopt;
    end += bracket + 1;
    if (!text.substr(end).starts_with(", ")) continue;
    const std::string_view address = text.substr(1, end - 2);
    text.remove_prefix(end + 2);
    return address;
  }
}

}  // namespace

std::optional<PostfixDelivery> read_postfix_delivery(std::string_view fields) {
  PostfixDelivery line;
  if (!scan::take(fields, "to=")) return std::nullopt;
  const std::optional<std::string_view> to = take_address(fields);
  if (!to) return std::nullopt;
  line.to = *to;
  for (;;) {
    const std::optional<std::string_view> name = take_field_name(fields);
    if (!name) return std::nullopt;
    if (*name == "status") break;
    const std::optional<std::string_view> value = take_address(fields);
    if (!value) return std::nullopt;
    if (*name == "orig_to") line.orig_to = *value;
    if (*name == "relay") line.relay = *value;
    if (*name == "delay") line.delay = *value;
    if (*name == "dsn") line.dsn = *value;
  }
  line.status = scan::take_until(fields, " ");
  scan::take(fields, "(");
  const std::size_t close = fields.rfind(')');
  line.text = fields.substr(0, close);
  return line;
}

}  // namespace suppressd
