#include "suppressd/core/reply.h"

#include <array>
#include <charconv>
#include <iterator>

#include "suppressd/base/ascii.h"
#include "suppressd/base/enum_names.h"
#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, 10> kStages{"unknown", "lookup", "connect", "helo", "tls",
                                                   "auth",    "mail",   "rcpt",    "data", "end-of-data"};

/// Takes one to three digits without a leading zero off `text`.
std::optional<std::uint16_t> take_number(std::string_view& text) {
  std::size_t length = 0;
  unsigned value = 0;
  for (; length < text.size() && is_digit(text[length]); ++length) {
    if (length == 3) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[length] - '0');
  }
  if (length == 0 || (length > 1 && text[0] == '0')) return std::nullopt;
  text.remove_prefix(length);
  return static_cast<std::uint16_t>(value);
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// Takes a status off `text`, unless it is the beginning of something longer (an IP address, a version).
std::optional<EnhancedStatus> take_status(std::string_view& text) {
  auto rest = text;
  if (rest.empty() || (rest[0] != '2' && rest[0] != '4' && rest[0] != '5')) return std::nullopt;
  EnhancedStatus status;
  status.klass = static_cast<std::uint8_t>(rest[0] - '0');
  rest.remove_prefix(1);
  if (!take(rest, '.')) return std::nullopt;
  const auto subject = take_number(rest);
  if (!subject || !take(rest, '.')) return std::nullopt;
  const auto detail = take_number(rest);
  if (!detail || (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1]))) return std::nullopt;
  status.subject = *subject;
  status.detail = *detail;
  text = rest;
  return status;
}

/// Takes a reply code off `text`; `550.1` and `5501` are not reply codes.
std::optional<int> take_code(std::string_view& text) {
  if (text.size() < 3 || text[0] < '2' || text[0] > '5' || !is_digit(text[1]) || !is_digit(text[2]))
    return std::nullopt;
  if (text.size() > 3 && (is_digit(text[3]) || is_letter(text[3]) || text[3] == '.' || text[3] == '@'))
    return std::nullopt;
  const int code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  text.remove_prefix(3);
  return code;
}

std::string_view without_leading(std::string_view text, std::string_view characters) {
  const auto first = text.find_first_not_of(characters);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

/// qmail, and those who copied it, end a reply with `(#5.1.1)`; Postfix may have added at which command it
/// came.
std::optional<EnhancedStatus> marked_status_at_end(std::string_view text) {
  if (const auto added = text.rfind(" (in reply to "); added != std::string_view::npos)
    text = text.substr(0, added);
  text = trim(text);
  if (text.ends_with('.')) text.remove_suffix(1);
  const auto mark = text.rfind("(#");
  if (mark == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
  return parse_enhanced_status(text.substr(mark + 2, text.size() - mark - 3));
}

}  // namespace

std::optional<EnhancedStatus> parse_enhanced_status(std::string_view text) {
  const auto status = take_status(text);
  return status && text.empty() ? status : std::nullopt;
}

std::string format_status(EnhancedStatus status) {
  if (!status) return {};
  char text[sizeof "255.65535.65535"];
  char* end = text;
  for (const unsigned number : {unsigned{status.klass}, unsigned{status.subject}, unsigned{status.detail}}) {
    if (end != text) *end++ = '.';
    end = std::to_chars(end, std::end(text), number).ptr;
  }
  return {text, end};
}

std::string_view name_of(Stage stage) {
  return kStages[static_cast<std::size_t>(stage)];
}

std::optional<Stage> stage_from(std::string_view name) {
  return enum_from<Stage>(kStages, name);
}

Reply parse_reply(std::string_view text) {
  Reply reply;
  reply.text = text;
  auto rest = without_leading(text, " \t(");
  if (const auto code = take_code(rest)) {
    reply.code = *code;
    rest = without_leading(rest, " \t-:#([");
    // A gateway that quotes the next server's reply: `550 550 5.1.1 ...`.
    if (auto quoted = rest; take_code(quoted)) rest = without_leading(quoted, " \t-:#([");
    if (const auto status = take_status(rest)) reply.status = *status;
  } else {
    rest = without_leading(rest, "#");
    const auto status = take_status(rest);
    if (status && (rest.empty() || !is_letter(rest[0]))) reply.status = *status;
  }
  if (!reply.status) {
    if (const auto status = marked_status_at_end(text)) reply.status = *status;
  }
  return reply;
}

}  // namespace suppressd
