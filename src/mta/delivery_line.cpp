#include "suppressd/mta/delivery_line.h"

#include <algorithm>

#include "suppressd/base/scan.h"

namespace suppressd {
namespace {

using scan::take;
using scan::take_until;

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

/// `name=`, of small letters and underscores.
std::optional<std::string_view> take_name(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() &&
         (scan::is_lower(text[end]) || scan::is_digit(text[end]) || text[end] == '_' || text[end] == '-'))
    ++end;
  if (end == 0 || end == text.size() || text[end] != '=') return std::nullopt;
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end + 1);
  return name;
}

/// Up to the next `, ` outside quotes, or the end. nullopt: a quote that never closes.
std::optional<std::string_view> take_list(std::string_view& text) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (text[end] == '"') {
      quoted = !quoted;
    } else if (text[end] == '\\' && quoted) {
      ++end;
    } else if (!quoted && text.substr(end).starts_with(", ")) {
      break;
    }
  }
  if (quoted) return std::nullopt;
  const std::string_view list = text.substr(0, end);
  text.remove_prefix(std::min(end + 2, text.size()));
  return list;
}

}  // namespace

std::optional<PostfixDelivery> read_postfix_delivery(std::string_view fields) {
  PostfixDelivery line;
  if (!take(fields, "to=")) return std::nullopt;
  const std::optional<std::string_view> to = take_address(fields);
  if (!to) return std::nullopt;
  line.to = *to;
  for (;;) {
    const std::optional<std::string_view> name = take_name(fields);
    if (!name) return std::nullopt;
    if (*name == "status") break;
    const std::optional<std::string_view> value = take_address(fields);
    if (!value) return std::nullopt;
    if (*name == "orig_to") line.orig_to = *value;
    if (*name == "relay") line.relay = *value;
    if (*name == "delay") line.delay = *value;
    if (*name == "dsn") line.dsn = *value;
  }
  line.status = take_until(fields, " ");
  take(fields, "(");
  const std::size_t close = fields.rfind(')');
  line.text = fields.substr(0, close);
  return line;
}

std::optional<SendmailDelivery> read_sendmail_delivery(std::string_view fields) {
  SendmailDelivery line;
  if (!take(fields, "to=")) return std::nullopt;
  const std::optional<std::string_view> to = take_list(fields);
  if (!to) return std::nullopt;
  line.to = *to;
  while (!fields.empty()) {
    const std::optional<std::string_view> name = take_name(fields);
    if (name == "stat") {
      line.stat = fields;
      break;
    }
    if (name == "reply") {
      line.reply = take_until(fields, ", stat=");
      line.stat = fields;
      break;
    }
    if (name == "status") return std::nullopt;  // Postfix's.
    const std::string_view value = take_until(fields, ", ");
    if (name == "delay") line.delay = value;
    if (name == "mailer") line.mailer = value;
    if (name == "relay") line.relay = value;
    if (name == "dsn") line.dsn = value;
  }
  return line;
}

unsigned split_recipients(std::string_view list, Recipients& recipients) {
  unsigned bare = 0;
  while (!list.empty()) {
    std::size_t end = scan::find_unquoted(list, ',');
    std::string_view address = list.substr(0, end);
    const std::size_t open = scan::find_unquoted(address, '<');
    if (open != kNone) {
      // A source route has commas within its brackets.
      const std::size_t close = scan::find_unquoted(list.substr(open), '>');
      address = list.substr(open + 1, close == kNone ? kNone : close - 1);
      const std::size_t behind = close == kNone ? list.size() : open + close;
      const std::size_t comma = scan::find_unquoted(list.substr(behind), ',');
      end = comma == kNone ? kNone : behind + comma;
    }
    while (address.starts_with(' ')) address.remove_prefix(1);
    if (!address.empty()) recipients.add(address);
    if (!address.empty() && open == kNone) ++bare;
    list.remove_prefix(end == kNone ? list.size() : end + 1);
  }
  return bare;
}

}  // namespace suppressd
