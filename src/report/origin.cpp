#include "origin.h"

#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "suppressd/core/text.h"

#include "mime_text.h"

namespace suppressd::report {
namespace {

bool matches(const std::string& text, const RE2& pattern) {
  return RE2::PartialMatch(text, pattern);
}

/// `<>`, or nothing at all in a Return-Path that is there.
bool is_null_path(const MailHeader& header) {
  if (!header.has("return-path")) return false;
  const auto path = trim(header.value("return-path"));
  return path.empty() || path == "<>" || starts_with_ignoring_case(path, "<mailer-daemon") ||
         starts_with_ignoring_case(path, "mailer-daemon");
}

bool is_servers_name(const std::string& from) {
  static const RE2 names(
      R"((?i)mailer[-_. ]?daemon|post_?master|mail[-_. ]?deliver\w*[-_. ]?(?:sub)?system|mail[-_. ]?delivery|delivery[-_. ]?(?:sub)?system|system administrator|mail administrator|microsoftexchange[0-9a-f]{8}|mmsc|(?:^|[<" ])(?:bounces?|mail-?system|mail-?admin|interscan|root)@)",
      RE2::Quiet);
  const auto text = trim(from);
  return text.empty() || text == "<>" || matches(from, names);
}

/// Nobody's own address.
bool is_machines_name(const std::string& from) {
  static const RE2 names(
      R"((?i)(?:^|[<" ])(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|notifications?|system|daemon|admin(?:istrator)?|mail|email|smtp)@)",
      RE2::Quiet);
  return matches(from, names);
}

bool is_servers_subject(const std::string& subject) {
  static const RE2 subjects(
      R"((?i)undeliver|deliver\w* (?:status|fail|problem|error|notification|report|has failed|incomplete)|mail (?:delivery|system|fail\w*|not|could not|error)|(?:returned|bounced|rejected|failed|undelivered) (?:mail|message)|failure (?:notice|notification)|non-?deliver|not delivered|error sending your mail|delivery failed|unzustellbar|mail ?error|message (?:delayed|not)|warning: (?:message|could not)|エラー|退信)",
      RE2::Quiet);
  return matches(subject, subjects);
}

}  // namespace

Origin origin_of(const MailHeader& header) {
  const auto from = decoded_words(header.value("from"));
  if (is_servers_name(from)) return Origin::mail_system;
  const bool null = is_null_path(header);
  if ((null || is_machines_name(from)) && is_servers_subject(decoded_words(header.value("subject")))) return Origin::mail_system;
  return null ? Origin::null_sender : Origin::other;
}

bool is_automatic_answer(const MailHeader& header) {
  static constexpr std::array<std::string_view, 6> kMarks{"x-autoreply",      "x-autorespond",    "x-auto-reply",
                                                          "x-autoreply-from", "x-mail-autoreply", "x-autoresponder"};
  if (std::ranges::any_of(kMarks, [&](std::string_view mark) { return header.has(mark); })) return true;
  if (starts_with_ignoring_case(header.value("auto-submitted"), "auto-replied")) return true;
  const auto precedence = to_lower(header.value("precedence"));
  if (precedence.starts_with("auto_reply") || precedence.starts_with("auto-reply")) return true;
  static const RE2 subjects(
      R"((?i)out of (?:the )?office|auto(?:matic|mated)?[- _]?(?:reply|response|responder|antwort|svar)|autoreply|autoresponse|on vacation|vacation (?:reply|message|notice)|away (?:from|until)|abwesen|nicht im (?:b\S+ro|haus)|absen(?:ce|te) (?:du bureau|automati)|r\S{1,2}ponse automatique|respuesta autom|resposta autom|risposta automatica|fuera de (?:la )?oficina|自動(?:返信|応答)|自动(?:回复|答复)|автоответ)",
      RE2::Quiet);
  if (matches(decoded_words(header.value("subject")), subjects)) return true;
  return is_null_path(header);
}

}  // namespace suppressd::report
