#include "suppressd/mta/logged_reply.h"

#include <array>
#include <utility>

#include "suppressd/base/scan.h"
#include "suppressd/base/text.h"
#include "suppressd/core/unfound_name.h"

namespace suppressd {
namespace {

using Words = std::pair<std::string_view, Stage>;

/// `(in reply to COMMAND command)`.
constexpr std::array kCommands{
    Words{"RCPT TO", Stage::rcpt}, Words{"MAIL FROM", Stage::mail}, Words{"end of DATA", Stage::end_of_data},
    Words{"DATA", Stage::data},    Words{"EHLO", Stage::helo},      Words{"HELO", Stage::helo},
    Words{"LHLO", Stage::helo},    Words{"STARTTLS", Stage::tls},   Words{"AUTH", Stage::auth},
    Words{"BDAT", Stage::data},
};

/// `... while PHASE`.
constexpr std::array kPhases{
    Words{"receiving the initial", Stage::connect},
    Words{"performing the EHLO", Stage::helo},
    Words{"performing the HELO", Stage::helo},
    Words{"performing the LHLO", Stage::helo},
    Words{"sending MAIL FROM", Stage::mail},
    Words{"sending RCPT TO", Stage::rcpt},
    Words{"sending DATA", Stage::data},
    Words{"sending message body", Stage::data},
    Words{"receiving the STARTTLS", Stage::tls},
    Words{"sending end of data", Stage::end_of_data},
};

/// How Postfix's own words begin.
constexpr std::array kPostfixWords{
    Words{"connect to ", Stage::connect},
    Words{"Host or domain name not found", Stage::lookup},
    Words{"Host not found", Stage::lookup},
    Words{"Name service error", Stage::lookup},
    Words{"unable to look up host", Stage::lookup},
    Words{"Domain ", Stage::lookup},  // `Domain example.com does not accept mail (nullMX)`
    Words{"no MX host for", Stage::lookup},
    Words{"mail for ", Stage::lookup},  // `mail for example.com loops back to myself`
    Words{"message size ", Stage::mail},
    Words{"SASL authentication", Stage::auth},
    Words{"TLS is required", Stage::tls},
    Words{"Cannot start TLS", Stage::tls},
    Words{"Server certificate", Stage::tls},
    Words{"TLSA lookup", Stage::tls},
};

/// How Sendmail's `stat=` begins, `Deferred: ` taken off.
constexpr std::array kSendmailWords{
    Words{"Connection ", Stage::connect},
    Words{"No route to host", Stage::connect},
    Words{"Network is unreachable", Stage::connect},
    Words{"Host unknown", Stage::lookup},
    Words{"Name server", Stage::lookup},
    Words{"host map: lookup", Stage::lookup},
    Words{"Operation timed out", Stage::connect},
    Words{"Host is unreachable", Stage::connect},
};

template <typename Table>
Stage stage_by_prefix(const Table& table, std::string_view text) {
  for (const auto& [prefix, stage] : table) {
    if (starts_with_ignoring_case(text, prefix)) return stage;
  }
  return Stage::unknown;
}

/// Takes ` (in reply to COMMAND command)` off the end; only the last one is Postfix's.
Stage take_command(std::string_view& text) {
  constexpr std::string_view kBegin = " (in reply to ";
  if (!text.ends_with(" command)")) return Stage::unknown;
  const std::size_t at = text.rfind(kBegin);
  if (at == std::string_view::npos) return Stage::unknown;
  const Stage stage = stage_by_prefix(kCommands, text.substr(at + kBegin.size()));
  text = text.substr(0, at);
  return stage;
}

/// A host that Postfix names between one text, which begins its words, and the next.
struct Naming {
  std::string_view before;
  std::string_view after;
};

constexpr std::array kPostfixNamings{
    Naming{"connect to ", ": "},
    Naming{"lost connection with ", " while "},
    Naming{"conversation with ", " timed out"},
    Naming{"host ", " said: "},
    Naming{"host ", " refused to talk to me: "},
};

/// Sendmail's words for an exit code (sysexits.h), which stand for many replies. Those that name a fault of
/// this host are not among them.
bool stands_for_many(std::string_view stat) {
  return stat == "User unknown" || stat == "Service unavailable" || stat == "Data format error" ||
         stat == "Insufficient permission";
}

}  // namespace

Reply read_postfix_reply(std::string_view text) {
  if (text.starts_with("host ")) {
    constexpr std::string_view kSaid = "] said: ";
    constexpr std::string_view kRefused = "] refused to talk to me: ";
    const std::size_t bracket = text.find("] ");
    const std::string_view words =
        bracket == std::string_view::npos ? std::string_view{} : text.substr(bracket);
    if (words.starts_with(kSaid)) {
      std::string_view said = words.substr(kSaid.size());
      const Stage stage = take_command(said);
      Reply reply = parse_reply(said);
      reply.stage = stage;
      return reply;
    }
    if (words.starts_with(kRefused)) {
      Reply reply = parse_reply(words.substr(kRefused.size()));
      reply.stage = Stage::connect;
      return reply;
    }
  }
  Reply reply = parse_reply(text);
  if (reply.code != 0) return reply;
  reply.stage = stage_by_prefix(kPostfixWords, text);
  if (reply.stage == Stage::auth) {
    if (const std::size_t said = text.find("] said: "); said != std::string_view::npos) {
      reply = parse_reply(text.substr(said + 8));
      reply.stage = Stage::auth;
      reply.text = text;
    }
  } else if (text.starts_with("lost connection with ") || text.starts_with("conversation with ")) {
    constexpr std::string_view kWhile = " while ";
    const std::size_t at = text.find(kWhile);
    if (at != std::string_view::npos) reply.stage = stage_by_prefix(kPhases, text.substr(at + kWhile.size()));
  }
  return reply;
}

Reply read_sendmail_reply(std::string_view reply, std::string_view stat, EnhancedStatus logged) {
  if (!reply.empty()) return parse_reply(reply);
  if (scan::take(stat, "Sent (")) {
    if (stat.ends_with(')')) stat.remove_suffix(1);
    return parse_reply(stat);
  }
  scan::take(stat, "Deferred: ");
  Reply own = parse_reply(stat);
  if (own.code != 0) return own;
  own.stage = stage_by_prefix(kSendmailWords, stat);
  const bool specific = logged && (logged.subject != 0 || logged.detail != 0);
  const bool agrees = stat == "User unknown" && logged.subject == 1;
  if (specific && stands_for_many(stat) && !agrees) own.text = {};
  return own;
}

std::string_view host_in_postfix_words(std::string_view text) {
  for (const auto& [before, after] : kPostfixNamings) {
    if (!text.starts_with(before)) continue;
    const std::string_view rest = text.substr(before.size());
    const std::size_t end = rest.find(after);
    // A host is one word: further on it is not Postfix that speaks.
    if (end != std::string_view::npos && rest.find(' ') >= end) return rest.substr(0, end);
  }
  return stage_by_prefix(kPostfixWords, text) == Stage::lookup ? unfound_name(text) : std::string_view{};
}

}  // namespace suppressd
