#include "delivery_status.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "suppressd/base/ascii.h"
#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/report/reader.h"

#include "mail_header.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kLongestType = 30;
constexpr std::size_t kLongestHost = 255;
constexpr std::size_t kLongestShown = 320;

bool is_atom(std::string_view text) {
  return !text.empty() && text.size() <= kLongestType && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
  });
}

/// `smtp; 550 ...` without its type; a value without one as it is.
std::string_view without_type(std::string_view value) {
  const auto semicolon = value.find(';');
  if (semicolon == std::string_view::npos || !is_atom(trim(value.substr(0, semicolon)))) return trim(value);
  return trim(value.substr(semicolon + 1));
}

/// xtext (RFC 3461 section 4): `+2B` is a plus sign. Other text stays.
std::string from_xtext(std::string_view text) {
  const auto digit = [](char c) { return is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && i + 2 < text.size() && digit(text[i + 1]) >= 2 && digit(text[i + 2]) >= 0) {
      result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::optional<Fate> fate_of(std::string_view action) {
  static constexpr std::array<std::pair<std::string_view, Fate>, 7> kActions{
      {{"failed", Fate::failed},
       {"failure", Fate::failed},
       {"delayed", Fate::delayed},
       {"delivered", Fate::delivered},
       {"relayed", Fate::relayed},
       {"expanded", Fate::expanded},
       {"deliverable", Fate::delivered}}};
  for (const auto& [word, fate] : kActions) {
    if (starts_with_ignoring_case(action, word)) return fate;
  }
  return std::nullopt;
}

/// `5.1.1 (bad destination mailbox address)`: the number, and the words.
std::pair<EnhancedStatus, std::string_view> status_of(std::string_view value) {
  const auto end = value.find_first_of(" \t(");
  const auto status = parse_enhanced_status(value.substr(0, end));
  auto words = end == std::string_view::npos ? std::string_view{} : trim(value.substr(end));
  if (words.starts_with('(') && words.ends_with(')')) words = words.substr(1, words.size() - 2);
  return {status.value_or(EnhancedStatus{}), words};
}

bool is_about_recipient(const MailHeader& group) {
  return group.has("final-recipient") || group.has("original-recipient") || group.has("x-actual-recipient");
}

void take_message_fields(const MailHeader& group, Report& report) {
  if (report.reporting_mta.empty()) report.reporting_mta = typed_host(group.value("reporting-mta"));
  if (report.returned.envelope_id.empty())
    report.returned.envelope_id = clean(group.value("original-envelope-id"), 200);
  if (report.returned.sender.empty()) report.returned.sender = typed_address(group.value("x-postfix-sender"));
}

/// The text in place of an address, without its brackets.
std::string shown_address(std::string_view value) {
  auto text = without_type(value);
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  return clean(to_lower(text), kLongestShown);
}

std::optional<ReportedRecipient> recipient_of(const MailHeader& group) {
  ReportedRecipient recipient;
  const auto [status, words] = status_of(group.value("status"));
  const auto diagnostic = without_type(group.value("diagnostic-code"));
  recipient.status = status;
  recipient.text = clean(diagnostic.empty() ? words : diagnostic);
  const auto stated = fate_of(group.value("action"));
  const bool permanent = status.klass == 5 || (!status && recipient.reply().code / 100 == 5);
  if (!stated && !permanent) return std::nullopt;
  recipient.fate = stated.value_or(Fate::failed);
  recipient.original = typed_address(group.value("original-recipient"));
  recipient.address = typed_address(group.value("final-recipient"));
  if (recipient.address.empty()) recipient.address = typed_address(group.value("x-actual-recipient"));
  if (recipient.address.empty()) recipient.address = recipient.original;
  if (recipient.address.empty()) recipient.unreadable = shown_address(group.value("final-recipient"));
  // An address that only the server knows internally was never sent to.
  const bool outside = domain_of(recipient.address).find_first_of(".:") != std::string_view::npos;
  if (!outside && !recipient.original.empty()) recipient.address = recipient.original;
  recipient.remote_mta = typed_host(group.value("remote-mta"));
  return recipient;
}

/// Groups without blank lines between them: a field that a group has once begins the next one.
std::vector<MailHeader> parted(const MailHeader& group) {
  std::vector<MailHeader> groups(1);
  for (const auto& field : group.fields()) {
    const bool once =
        field.name == "final-recipient" || field.name == "original-recipient" || field.name == "action";
    if (once && groups.back().has(field.name)) groups.emplace_back();
    groups.back().add(field);
  }
  return groups;
}

bool is_same(const ReportedRecipient& a, const ReportedRecipient& b) {
  return a.address == b.address && a.fate == b.fate && a.status == b.status && a.text == b.text;
}

}  // namespace

std::string typed_address(std::string_view value) {
  const auto text = without_type(value);
  if (text.empty()) return {};
  auto address = text;
  if (const auto open = text.find('<');
      open != std::string_view::npos && text.find('>', open) != std::string_view::npos) {
    address = text.substr(open, text.find('>', open) - open + 1);
  } else if (!text.starts_with('"')) {
    address = text.substr(0, text.find_first_of(" \t("));
  }
  auto canonical = canonical_address(from_xtext(address));
  if (!canonical) canonical = canonical_address(address);
  return canonical ? *std::move(canonical) : std::string{};
}

std::string typed_host(std::string_view value) {
  auto text = without_type(value);
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  const auto host = text.substr(0, text.find_first_of(" \t(,;|<"));
  return host.size() > kLongestHost ? std::string{} : clean(to_lower(host), kLongestHost);
}

void read_delivery_status(std::string_view text, Report& report) {
  while (!text.empty() && report.recipients.size() < kReportRecipients) {
    const auto before = text.size();
    const auto group = MailHeader::take(text);
    if (text.size() == before) take_line(text);  // Not a field: a line of something else.
    if (group.fields().empty()) continue;
    if (!is_about_recipient(group)) {
      take_message_fields(group, report);
      continue;
    }
    take_message_fields(group, report);  // Some write all of it as one group.
    for (const auto& one : parted(group)) {
      auto recipient = recipient_of(one);
      if (!recipient || report.recipients.size() >= kReportRecipients) continue;
      const bool again = std::ranges::any_of(report.recipients,
                                             [&](const auto& other) { return is_same(other, *recipient); });
      if (!again) report.recipients.push_back(*std::move(recipient));
    }
  }
}

std::size_t find_delivery_status(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kFirst{
      "reporting-mta:", "final-recipient:", "original-recipient:", "action:"};
  auto rest = text;
  bool paragraph = true;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    const bool begins = std::exchange(paragraph, trim(line).empty());
    if (begins && std::ranges::any_of(
                      kFirst, [&](std::string_view name) { return starts_with_ignoring_case(line, name); })) {
      return static_cast<std::size_t>(line.data() - text.data());
    }
  }
  return std::string_view::npos;
}

}  // namespace suppressd::report
