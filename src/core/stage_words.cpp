#include "suppressd/core/stage_words.h"

#include <algorithm>
#include <array>
#include <string>

#include <re2/re2.h>

#include "suppressd/base/ascii.h"
#include "suppressd/base/text.h"

#include "wording.h"

namespace suppressd {
namespace {

struct Step {
  std::string_view name;
  Stage stage;
  bool is_command = false;  ///< In full: no everyday word, so that it may be looked for in a reply.
};

/// What programs call a step of the session. A name that begins with another one comes before it.
constexpr std::array kSteps{
    Step{"mail from", Stage::mail, true},
    Step{"mail", Stage::mail},
    Step{"rcpt to", Stage::rcpt, true},
    Step{"rcpt", Stage::rcpt},
    Step{"end of data", Stage::end_of_data, true},
    Step{"end", Stage::end_of_data},
    Step{"eod", Stage::end_of_data},
    Step{".", Stage::end_of_data},
    Step{"ehlo", Stage::helo, true},
    Step{"helo", Stage::helo, true},
    Step{"lhlo", Stage::helo, true},
    Step{"starttls", Stage::tls, true},
    Step{"auth", Stage::auth, true},
    Step{"data", Stage::data, true},
    Step{"bdat", Stage::data, true},
    Step{"text command", Stage::data, true},
    Step{"message body", Stage::data},  // Postfix: `while sending message body`
    Step{"message", Stage::end_of_data},
    Step{"body", Stage::end_of_data},
    Step{"connect", Stage::connect},
    Step{"initial", Stage::connect},
    Step{"greeting", Stage::connect},
    Step{"banner", Stage::connect},
    Step{"user open", Stage::connect},
};

struct Phrase {
  std::string_view words;
  Stage stage;
};

/// Sentences that tell the stage without its command.
constexpr std::array kPhrases{
    Phrase{"server after initial connection", Stage::connect},
    Phrase{"establish an smtp connection", Stage::connect},
    Phrase{"refused to talk to me", Stage::connect},
    Phrase{"but greeting failed", Stage::connect},
    Phrase{"but my name was rejected", Stage::helo},
    Phrase{"but sender was rejected", Stage::mail},
    Phrase{"does not like sender", Stage::mail},
    Phrase{"does not like recipient", Stage::rcpt},
    Phrase{"failed after i sent the message", Stage::end_of_data},
    Phrase{"failed on data command", Stage::data},
};

Stage stage_by_phrase(std::string_view wording) {
  const auto phrase = std::ranges::find_if(
      kPhrases, [&](const Phrase& one) { return wording.find(one.words) != std::string_view::npos; });
  return phrase == kPhrases.end() ? Stage::unknown : phrase->stage;
}

/// What MTAs put before the command to which a server replied. A server that names a command in its own words
/// has none of these.
constexpr std::array<std::string_view, 13> kIntroductions{
    "in reply to ",  "reply to ",   "replied to ", "response to ", "server after ", "server after pipelined ",
    "mailer after ", "server for ", "during ",     "at stage ",    "like our ",     ">>> ",
    "sent: ",
};

/// Whether the command between `before` and `after` tells the stage: behind an introduction, or alone in
/// square brackets.
bool is_named_as_stage(std::string_view before, std::string_view after) {
  if (!after.empty() && is_letter(after[0])) return false;  // "during database access"
  if (before.ends_with("the ")) before.remove_suffix(4);
  if (std::ranges::any_of(kIntroductions, [&](std::string_view words) { return before.ends_with(words); }))
    return true;
  return before.ends_with('[') &&
         (after.starts_with(']') || after.starts_with(':') || after.starts_with(" command]"));
}

RE2::Options bytes() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  return options;
}

/// The names as they stand in sentences.
#define COMMAND R"((?:'?:? ?<[^<>]*>)?['\"]? (?:command|verb|stage|phase|handshake)\b)"
// Bare, `mail`, `data` and `auth` are everyday words: "an error during mail delivery".
#define STEP                                                          \
  R"((mail from(?:[:<>()\[\],.;'\"]|$)|mail from)" COMMAND            \
  R"(|rcpt(?: to)?\b|end[ -]of[ -]data\b|helo\b|ehlo\b|lhlo\b)"       \
  R"(|starttls\b|(?:mail|data|auth)(?:['\"]|)" COMMAND                \
  R"()|message body|initial (?:connection|server greeting|greeting))" \
  R"(|greeting\b|banner\b|user open\b))"

/// How programs name the step; the first that is there counts.
const std::array<RE2, 6>& sentences() {
  static const std::array<RE2, 6> patterns{{
      RE2(R"re((?:^|.*)\(in reply to (?:the )?["']?)re" STEP,
          bytes()),  // The last: Postfix writes it behind the reply.
      RE2(R"(\[(mail[_ ]from|rcpt[_ ]to|data|body|helo|ehlo|connect|connection|greeting|banner|end[_ ]of[_ ]data)\])",
          bytes()),
      RE2(R"(\bafter (?:pipelined |sending )*)"
          R"((mail from:|rcpt to:|end of data|data(?: block|:|$| command\b)|ehlo\b|helo\b|lhlo\b|starttls\b|auth(?: command\b|:|$)|initial connection))",
          bytes()),
      RE2(R"re(\bin response to (?:the |an? |our |your )?["']?)re" STEP, bytes()),
      RE2(R"re(\b(?:while (?:receiving|performing|sending|waiting for) (?:the )?|during (?:the |client )?|did not like our )["']?)re" STEP,
          bytes()),
      RE2(R"re(\b(mail(?: from)?|rcpt(?: to)?|end[ -]of[ -]data|data|helo|ehlo|lhlo|starttls|auth|message body|greeting|banner))re"
          R"((?::? ?<[^<>]*>)?'? (?:command|verb|stage|phase)\b)",
          bytes()),
  }};
  return patterns;
}
#undef COMMAND
#undef STEP

}  // namespace

Stage stage_named(std::string_view name) {
  const auto step = std::ranges::find_if(
      kSteps, [&](const Step& one) { return starts_with_ignoring_case(name, one.name); });
  return step == kSteps.end() ? Stage::unknown : step->stage;
}

Stage stage_in(std::string_view wording) {
  if (const auto stage = stage_by_phrase(wording); stage != Stage::unknown) return stage;
  // The command that comes first after words such as "in reply to".
  auto first = wording.size();
  auto stage = Stage::unknown;
  for (const auto& step : kSteps) {
    if (!step.is_command) continue;
    for (auto at = wording.find(step.name); at < first; at = wording.find(step.name, at + 1)) {
      if (!is_named_as_stage(wording.substr(0, at), wording.substr(at + step.name.size()))) continue;
      first = at;
      stage = step.stage;
    }
  }
  return stage;
}

Stage stage_in_prose(std::string_view text) {
  const auto wording = wording_of(text);
  for (const auto& sentence : sentences()) {
    re2::StringPiece name;
    if (RE2::PartialMatch(wording, sentence, &name)) return stage_named({name.data(), name.size()});
  }
  return stage_by_phrase(wording);
}

}  // namespace suppressd
