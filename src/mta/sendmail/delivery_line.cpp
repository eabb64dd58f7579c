#include "sendmail/delivery_line.h"

#include <algorithm>

#include "suppressd/base/scan.h"

#include "field_name.h"

namespace suppressd {
namespace {

constexpr auto kNone = std::string_view::npos;

/// Up to the next `, ` outside quotes, or the end. nullopt: a quote is never closed.
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

std::optional<SendmailDelivery> read_sendmail_delivery(std::string_view fields) {
  SendmailDelivery line;
  if (!scan::take(fields, "to=")) return std::nullopt;
  const std::optional<std::string_view> to = take_list(fields);
  if (!to) return std::nullopt;
  line.to = *to;
  while (!fields.empty()) {
    const std::optional<std::string_view> name = take_field_name(fields);
    if (name == "stat") {
      line.stat = fields;
      break;
    }
    if (name == "reply") {
      line.reply = scan::take_until(fields, ", stat=");
      line.stat = fields;
      break;
    }
    if (name == "status") return std::nullopt;  // Postfix's.
    const std::string_view value = scan::take_until(fields, ", ");
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
