#include "returned_message.h"

#include <algorithm>

#include <re2/re2.h>

#include "suppressd/base/text.h"

#include "delivery_status.h"
#include "mime_text.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kMostTraces = 16;
constexpr std::size_t kLongestTrace = 2000;
constexpr std::size_t kMostRecipients = 100;
constexpr std::size_t kLongestId = 998;
constexpr std::size_t kLongestAnnouncement = 100;

/// Lines that announce the returned message, in the words of many servers.
const RE2& announcement() {
  static const RE2 pattern(
      R"((?i)^[\s>|*=-]*(?:)"
      R"((?:below this line|enclosed|included|this|attached|here) is a copy of (?:the|your)(?: original)? (?:message|mail))"
      R"(|below is a copy of the (?:original )?message)"
      R"(|(?:the )?headers? of the (?:original|returned) message)"
      R"(|(?:the )?(?:original|unsent|returned|undelivered|undeliverable|failed|rejected|bounced) (?:message|mail|e-mail)(?: (?:header|text|body|content|info)s?)?(?: (?:follows?|is attached|below))?(?:ed)?(?: as [a-z ]+)?)"
      R"(|message (?:header|text|content|body)s? (?:follows?|suppressed)|message (?:header|text)s?)"
      R"(|text of (?:the )?(?:original )?message(?: follows)?|start of (?:the )?(?:returned|original) message)"
      R"(|copy of (?:the )?(?:original|returned|your) (?:message|mail)(?: follows)?)"
      R"(|the attachment contains the original (?:mail|message) headers?)"
      R"(|(?:ihre )?(?:urspr\S+ngliche|original)[ -]?(?:nachricht|mail)(?: folgt)?|message (?:d'origine|original))"
      R"()[^\n]{0,40}$)",
      RE2::Quiet);
  return pattern;
}

bool announces(std::string_view line) {
  const auto words = trim(line);
  if (words.size() < 8 || words.size() > kLongestAnnouncement) return false;
  if (!RE2::PartialMatch(words, announcement())) return false;
  // A sentence about the message is not one: it ends in a full stop and has no rule around it, or continues.
  const bool ruled = words.starts_with("--") || words.ends_with("--") || words.starts_with("==") ||
                     words.starts_with("|-") || words.starts_with("**");
  return ruled || words.ends_with(':') || words.ends_with("follows.") || words.ends_with("follow.") ||
         words.ends_with("below.") || starts_with_ignoring_case(words, "the attachment contains");
}

/// Counts the fields of a message from here on: three that only a message has are its header.
bool is_message_header(std::string_view text) {
  int telling = 0;
  for (int lines = 0; lines < 60 && !text.empty(); ++lines) {
    const auto line = take_line(text);
    if (line.starts_with(' ') || line.starts_with('\t')) continue;
    if (!is_field(line)) return false;
    if (is_known_field(line) && ++telling >= 3) return true;
  }
  return false;
}

}  // namespace

std::string answered_message_id(const MailHeader& header) {
  for (const std::string_view name : {"in-reply-to", "references"}) {
    const auto ids = header.value(name);
    const auto begin = ids.rfind('<');
    const auto end = ids.rfind('>');
    if (begin < end && end != std::string_view::npos)
      return clean(trim(ids.substr(begin + 1, end - begin - 1)), kLongestId);
  }
  return {};
}

void read_returned(const MailHeader& header, ReturnedMessage& returned) {
  auto id = trim(header.value("message-id"));
  if (id.empty()) id = trim(header.value("resent-message-id"));
  if (id.starts_with('<')) id = id.substr(1, id.find('>') - 1);
  returned.message_id = clean(trim(id), kLongestId);
  if (returned.sender.empty()) returned.sender = typed_address(header.value("return-path"));
  if (returned.sender.empty()) {
    const auto from = addresses_in(header.value("from"), 1);
    if (!from.empty()) returned.sender = from.front();
  }
  for (const auto trace : header.values("suppressd-trace")) {
    if (returned.traces.size() < kMostTraces) returned.traces.push_back(clean(trace, kLongestTrace));
  }
  for (const std::string_view name : {"to", "cc", "bcc", "delivered-to", "x-original-to"}) {
    for (const auto value : header.values(name)) {
      if (returned.recipients.size() >= kMostRecipients) break;
      for (auto& address : addresses_in(value, kMostRecipients - returned.recipients.size())) {
        if (std::ranges::find(returned.recipients, address) == returned.recipients.end())
          returned.recipients.push_back(std::move(address));
      }
    }
  }
  returned.date = date_in(header.value("date"));
}

bool was_distributed(const MailHeader& header) {
  // Not `bulk`: senders of newsletters write that themselves.
  if (equals_ignoring_case(trim(header.value("precedence")), "list")) return true;
  return std::ranges::any_of(header.fields(), [](const Field& field) {
    return field.name == "list-id" || field.name == "list-post" || field.name == "mailing-list" ||
           field.name.starts_with("resent-");
  });
}

ReturnedAt find_returned(std::string_view notice) {
  ReturnedAt at;
  auto rest = notice;
  bool paragraph = true;
  const auto offset = [&](std::string_view part) {
    return static_cast<std::size_t>(part.data() - notice.data());
  };
  while (!rest.empty()) {
    const auto here = rest;
    const auto line = take_line(rest);
    if (announces(line)) {
      at.notice_end = offset(here);
      while (!rest.empty()) {
        const auto start = rest;
        const auto next = take_line(rest);
        if (trim(next).empty() || next.find_first_not_of("-=*|_ ") == std::string_view::npos) continue;
        if (is_field(next) || next.starts_with("From ")) at.header = offset(start);
        break;
      }
      return at;
    }
    const bool mbox = line.starts_with("From ") && is_known_field(rest);
    if (paragraph && (mbox ? is_message_header(rest) : is_known_field(line) && is_message_header(here))) {
      at.notice_end = at.header = offset(here);
      return at;
    }
    // A rule of dashes, or a line that says what follows, may replace a blank line.
    const auto words = trim(line);
    paragraph = words.empty() || words.ends_with("--") || words.ends_with(':');
  }
  return at;
}

}  // namespace suppressd::report
