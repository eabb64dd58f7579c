#include "postfix/reply.h"

#include <array>

#include "suppressd/base/scan.h"
#include "suppressd/core/stage_words.h"
#include "suppressd/core/unfound_name.h"

#include "opening.h"

namespace suppressd {
namespace {

/// How Postfix's own words begin, and at which stage it writes them.
constexpr std::array kPostfixOpenings{
    Opening{"connect to ", Stage::connect},
    Opening{"Host or domain name not found", Stage::lookup},
    Opening{"Host not found", Stage::lookup},
    Opening{"Name service error", Stage::lookup},
    Opening{"unable to look up host", Stage::lookup},
    Opening{"Domain ", Stage::lookup},  // `Domain example.com does not accept mail (nullMX)`
    Opening{"no MX host for", Stage::lookup},
    Opening{"mail for ", Stage::lookup},  // `mail for example.com loops back to myself`
    Opening{"message size ", Stage::mail},
    Opening{"SASL authentication", Stage::auth},
    Opening{"TLS is required", Stage::tls},
    Opening{"Cannot start TLS", Stage::tls},
    Opening{"Server certificate", Stage::tls},
    Opening{"TLSA lookup", Stage::tls},
};

/// Removes ` (in reply to COMMAND command)` from the end; only the last one is Postfix's.
Stage take_command(std::string_view& text) {
  constexpr std::string_view kBegin = " (in reply to ";
  if (!text.ends_with(" command)")) return Stage::unknown;
  const std::size_t at = text.rfind(kBegin);
  if (at == std::string_view::npos) return Stage::unknown;
  const Stage stage = stage_named(text.substr(at + kBegin.size()));
  text = text.substr(0, at);
  return stage;
}

/// `lost connection with X while sending RCPT TO`.
Stage phase_in(std::string_view text) {
  constexpr std::string_view kWhile = " while ";
  const std::size_t at = text.find(kWhile);
  if (at == std::string_view::npos) return Stage::unknown;
  text.remove_prefix(at + kWhile.size());
  for (const std::string_view doing : {"receiving the ", "performing the ", "sending "}) {
    if (scan::take(text, doing)) return stage_named(text);
  }
  return Stage::unknown;
}

/// Postfix's words that name a host: they begin with `before`, and `after` follows the host.
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
  reply.stage = stage_by_opening(kPostfixOpenings, text);
  if (reply.stage == Stage::auth) {
    if (const std::size_t said = text.find("] said: "); said != std::string_view::npos) {
      reply = parse_reply(text.substr(said + 8));
      reply.stage = Stage::auth;
      reply.text = text;
    }
  } else if (text.starts_with("lost connection with ") || text.starts_with("conversation with ")) {
    reply.stage = phase_in(text);
  }
  return reply;
}

std::string_view host_in_postfix_words(std::string_view text) {
  for (const auto& [before, after] : kPostfixNamings) {
    if (!text.starts_with(before)) continue;
    const std::string_view rest = text.substr(before.size());
    const std::size_t end = rest.find(after);
    // A host is one word: later text may be the server's.
    if (end != std::string_view::npos && rest.find(' ') >= end) return rest.substr(0, end);
  }
  return stage_by_opening(kPostfixOpenings, text) == Stage::lookup ? unfound_name(text) : std::string_view{};
}

}  // namespace suppressd
