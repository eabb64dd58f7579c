#include "origin.h"

#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "suppressd/base/text.h"

#include "languages.h"
#include "mime_text.h"
#include "returned_message.h"

namespace suppressd::report {
namespace {

bool matches(const std::string& text, const RE2& pattern) {
  return RE2::PartialMatch(text, pattern);
}

bool is_servers_name(const std::string& from) {
  static const RE2 names(
      R"((?i)mailer[-_. ]?daemon|post_?(?:master|meister)|mail[-_. ]?deliver\w*[-_. ]?(?:sub)?system|mail[-_. ]?delivery)"
      R"(|delivery[-_. ]?(?:sub)?system|delivery (?:status )?(?:notification|report|agent)|(?:system|mail|e-?mail|network) administrator)"
      R"(|(?:e-?mail|smtp|mail) ?(?:server|gateway|daemon|system|robot)\b|microsoftexchange[0-9a-f]{8}|mmsc|mdaemon|(?:^|[^a-z])l?smtp(?:[^a-z]|$)|\blmail\b)"
      R"(|systemadministrator|administra(?:teur|dor|tore) (?:du|de|del|do|di) (?:syst|sist|correo)|administrator systemu)"
      R"(|истемный администратор|очтов(?:ая|ый) (?:служба|система|сервер|робот)|истемний адміністратор|оштов(?:а|ий) (?:служба|система|сервер))"
      R"(|ιαχειριστής συστήματος|システム管理者|メール配信システム|(?:系统|系統)管理[员員]|[邮郵]件[系服]\S{0,9}[统統务務]|退信)"
      R"(|(?:^|[<" ])(?:bounces?|mail-?system|mail-?admin|mailer|mta|ndr|interscan|root)@)",
      RE2::Quiet);
  std::string text(trim(from));
  if (text.empty() || text == "<>") return true;
  RE2::GlobalReplace(&text, R"(@[\w.-]+)", "@");  // A person may be at smtp.example.com.
  return matches(text, names);
}

/// Not a person's address.
bool is_machines_name(const std::string& from) {
  static const RE2 names(
      R"((?i)(?:^|[<" ])(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|notifications?|system|daemon|admin(?:istrator)?|mail|email|smtp)@)",
      RE2::Quiet);
  return matches(from, names);
}

std::string subject_of(const MailHeader& header) {
  return decoded_words(header.value("subject"));
}

bool begins_an_answer(const std::string& prefix) {
  static const RE2 mark(
      R"((?i)^\s*(?:re|aw|antw|sv|vs|ynt|odp|rif|res|auto|autoreply|回复|回覆|答复)(?:\[\d+\])?\s*$)",
      RE2::Quiet);
  return matches(prefix, mark) || is_subject_of_answer(prefix);
}

/// What the mail itself says. After a colon, or at the end, there may be the subject of our message, which
/// can be any words.
std::string own_subject(const MailHeader& header, const MailHeader* returned) {
  auto subject = subject_of(header);
  static constexpr std::string_view kWide = "：";
  const auto colon = std::min(subject.find(':'), subject.find(kWide));
  if (colon != std::string::npos) {
    auto prefix = subject.substr(0, colon);
    if (begins_an_answer(prefix) || is_subject_of_failure(prefix)) return prefix;
  }
  const auto ours = returned == nullptr ? std::string{} : std::string(trim(subject_of(*returned)));
  if (!ours.empty() && trim(subject).ends_with(ours) && trim(subject) != ours)
    subject.resize(subject.rfind(ours));
  return subject;
}

bool is_recipient_of(const MailHeader& message, const std::string& address) {
  if (address.empty()) return false;
  ReturnedMessage returned;
  read_returned(message, returned);
  return std::ranges::find(returned.recipients, address) != returned.recipients.end();
}

}  // namespace

/// `<>`, or an empty Return-Path.
bool has_null_path(const MailHeader& header) {
  if (!header.has("return-path")) return false;
  const auto path = trim(header.value("return-path"));
  return path.empty() || path == "<>" || starts_with_ignoring_case(path, "<mailer-daemon") ||
         starts_with_ignoring_case(path, "mailer-daemon");
}

bool is_sent_by_hand(const MailHeader& header) {
  static const RE2 answer(
      R"((?i)^\s*(?:re|aw|antw(?:ort)?|sv|vs|ynt|odp|rif|回复|回覆|答复)(?:\[\d+\])?\s*(?::|：))",
      RE2::Quiet);
  return (header.has("return-path") && !has_null_path(header)) || matches(subject_of(header), answer);
}

bool has_subject_of_failure(const MailHeader& header, const MailHeader* returned) {
  return is_subject_of_failure(own_subject(header, returned));
}

std::string living_writer(const MailHeader& header) {
  const auto from = header.value("from");
  if (is_servers_name(decoded_words(from))) return {};
  auto addresses = addresses_in(from, 1);
  return addresses.empty() ? std::string{} : std::move(addresses.front());
}

Origin origin_of(const MailHeader& header, const MailHeader* returned) {
  const auto from = decoded_words(header.value("from"));
  if (is_servers_name(from)) return Origin::mail_system;
  if (returned != nullptr && is_recipient_of(*returned, living_writer(header))) return Origin::other;
  const bool null = has_null_path(header);
  if ((null || is_machines_name(from)) && has_subject_of_failure(header, returned))
    return Origin::mail_system;
  return null ? Origin::null_sender : Origin::other;
}

bool has_subject_of_answer(const MailHeader& header, const MailHeader* returned) {
  const auto subject = own_subject(header, returned);
  return is_subject_of_answer(subject) && !is_subject_of_failure(subject);
}

bool is_automatic_answer(const MailHeader& header, Origin origin) {
  static constexpr std::array<std::string_view, 6> kMarks{"x-autoreply",      "x-autorespond",
                                                          "x-auto-reply",     "x-autoreply-from",
                                                          "x-mail-autoreply", "x-autoresponder"};
  if (std::ranges::any_of(kMarks, [&](std::string_view mark) { return header.has(mark); })) return true;
  if (starts_with_ignoring_case(header.value("auto-submitted"), "auto-replied")) return true;
  const auto precedence = to_lower(header.value("precedence"));
  if (precedence.starts_with("auto_reply") || precedence.starts_with("auto-reply")) return true;
  if (is_subject_of_answer(subject_of(header))) return true;
  return origin != Origin::mail_system && has_null_path(header);
}

}  // namespace suppressd::report
