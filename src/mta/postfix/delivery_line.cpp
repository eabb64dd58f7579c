#include "postfix/delivery_line.h"

#include "suppressd/base/scan.h"

#include "field_name.h"

namespace suppressd {
namespace {

/// `<address>` or a bare value, and the `, ` behind it.
std::optional<std::string_view> take_address(std::string_view& text) {
  const bool bracketed = text.starts_with('<');
  const std::size_t end = bracketed ? end_of_bracketed(text).value_or(text.size()) : text.find(", ");
  if (end >= text.size()) return std::nullopt;
  const std::string_view address = bracketed ? text.substr(1, end - 2) : text.substr(0, end);
  text.remove_prefix(end + 2);
  return address;
}

}  // namespace

std::optional<std::size_t> end_of_bracketed(std::string_view text) {
  if (!text.starts_with('<')) return std::nullopt;
  std::size_t end = 0;
  do {
    const std::size_t bracket = scan::find_unquoted(text.substr(end), '>');
    if (bracket == std::string_view::npos) return std::nullopt;
    end += bracket + 1;
  } while (end < text.size() && !text.substr(end).starts_with(", "));
  return end;
}

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
