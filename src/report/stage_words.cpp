#include "stage_words.h"

#include <algorithm>
#include <array>
#include <string>

#include <re2/re2.h>

#include "suppressd/base/text.h"
#include "suppressd/core/wording.h"

#include "mail_header.h"
#include "notice_words.h"

namespace suppressd::report {
namespace {

struct Named {
  std::string_view name;
  Stage stage;
};

/// What programs call a step of the session. A name that begins with another one is before it.
constexpr std::array kSteps{
    Named{"mail", Stage::mail},        Named{"rcpt", Stage::rcpt},
    Named{"data", Stage::data},        Named{"helo", Stage::helo},
    Named{"ehlo", Stage::helo},        Named{"lhlo", Stage::helo},
    Named{"starttls", Stage::tls},     Named{"auth", Stage::auth},
    Named{"end", Stage::end_of_data},  Named{"eod", Stage::end_of_data},
    Named{"body", Stage::end_of_data}, Named{"message", Stage::end_of_data},
    Named{".", Stage::end_of_data},    Named{"connect", Stage::connect},
    Named{"initial", Stage::connect},  Named{"greeting", Stage::connect},
    Named{"banner", Stage::connect},   Named{"user open", Stage::connect},
};

/// The names as they occur in sentences.
#define COMMAND R"((?:'?:? ?<[^<>]*>)?['\"]? (?:command|verb|stage|phase|handshake)\b)"
// Bare, `mail`, `data` and `auth` are everyday words: "an error during mail delivery".
#define STEP                                                          \
  R"((mail from(?:[:<>()\[\],.;'\"]|$)|mail from)" COMMAND            \
  R"(|rcpt(?: to)?\b|end[ -]of[ -]data\b|helo\b|ehlo\b|lhlo\b)"       \
  R"(|starttls\b|(?:mail|data|auth)(?:['\"]|)" COMMAND                \
  R"()|message body|initial (?:connection|server greeting|greeting))" \
  R"(|greeting\b|banner\b|user open\b))"

/// How programs name the step; the first that occurs counts.
const std::array<RE2, 6>& sentences() {
  static const std::array<RE2, 6> patterns{{
      RE2(R"re((?:^|.*)\(in reply to (?:the )?["']?)re" STEP,
          for_bytes()),  // The last: Postfix writes it after the reply.
      RE2(R"(\[(mail[_ ]from|rcpt[_ ]to|data|body|helo|ehlo|connect|connection|greeting|banner|end[_ ]of[_ ]data)\])",
          for_bytes()),
      RE2(R"(\bafter (?:pipelined |sending )*)"
          R"((mail from:|rcpt to:|end of data|data(?: block|:|$| command\b)|ehlo\b|helo\b|lhlo\b|starttls\b|auth(?: command\b|:|$)|initial connection))",
          for_bytes()),
      RE2(R"re(\bin response to (?:the |an? |our |your )?["']?)re" STEP, for_bytes()),
      RE2(R"re(\b(?:while (?:receiving|performing|sending|waiting for) (?:the )?|during (?:the |client )?|did not like our )["']?)re" STEP,
          for_bytes()),
      RE2(R"re(\b(mail(?: from)?|rcpt(?: to)?|end[ -]of[ -]data|data|helo|ehlo|lhlo|starttls|auth|message body|greeting|banner))re"
          R"((?::? ?<[^<>]*>)?'? (?:command|verb|stage|phase)\b)",
          for_bytes()),
  }};
  return patterns;
}
#undef COMMAND
#undef STEP

/// Sentences that indicate the step in other words.
constexpr std::array kPhrases{
    Named{"does not like recipient", Stage::rcpt},
    Named{"but sender was rejected", Stage::mail},
    Named{"does not like sender", Stage::mail},
    Named{"but my name was rejected", Stage::helo},
    Named{"but greeting failed", Stage::connect},
    Named{"establish an smtp connection", Stage::connect},
    Named{"refused to talk to me", Stage::connect},
    Named{"failed after i sent the message", Stage::end_of_data},
};

}  // namespace

Stage stage_named(std::string_view name) {
  const auto step =
      std::ranges::find_if(kSteps, [&](const Named& one) { return name.starts_with(one.name); });
  return step == kSteps.end() ? Stage::unknown : step->stage;
}

Stage stage_in_prose(std::string_view text) {
  const auto wording = wording_of(text);
  for (const auto& sentence : sentences()) {
    re2::StringPiece name;
    if (RE2::PartialMatch(wording, sentence, &name)) return stage_named({name.data(), name.size()});
  }
  const auto phrase = std::ranges::find_if(
      kPhrases, [&](const Named& one) { return wording.find(one.name) != std::string::npos; });
  return phrase == kPhrases.end() ? Stage::unknown : phrase->stage;
}

}  // namespace suppressd::report
