#include "mail_header.h"

#include <algorithm>
#include <array>

#include "suppressd/base/text.h"
#include "suppressd/report/reader.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kLongestName = 76;
constexpr std::size_t kMostFields = 2000;

std::string_view name_at(std::string_view line) {
  const auto colon = line.substr(0, kLongestName + 1).find(':');
  if (colon == std::string_view::npos) return {};
  auto name = line.substr(0, colon);
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  const bool plain = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F; });
  return plain ? name : std::string_view{};
}

bool continues(std::string_view line) {
  return line.starts_with(' ') || line.starts_with('\t');
}

}  // namespace

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool is_field(std::string_view line) {
  return !name_at(line).empty();
}

bool is_known_field(std::string_view line) {
  static constexpr std::array<std::string_view, 19> kKnown{"received",
                                                           "return-path",
                                                           "from",
                                                           "to",
                                                           "cc",
                                                           "subject",
                                                           "date",
                                                           "message-id",
                                                           "mime-version",
                                                           "content-type",
                                                           "content-transfer-encoding",
                                                           "sender",
                                                           "reply-to",
                                                           "delivered-to",
                                                           "dkim-signature",
                                                           "x-mailer",
                                                           "references",
                                                           "in-reply-to",
                                                           "auto-submitted"};
  return std::ranges::find(kKnown, to_lower(name_at(line))) != kKnown.end();
}

MailHeader MailHeader::take(std::string_view& text) {
  MailHeader header;
  std::size_t bytes = 0;
  while (!text.empty()) {
    auto rest = text;
    const auto line = take_line(rest);
    bytes += line.size() + 1;
    const bool kept = bytes <= kReportHeaderBytes;
    if (trim(line).empty()) {
      // A line of blanks between a field and its continuation is a broken fold, not the end.
      text = rest;
      if (line.empty() || !continues(rest)) break;
      continue;
    }
    if (continues(line)) {
      if (header.fields_.empty() && !kept) break;
      if (kept && !header.fields_.empty()) header.fields_.back().value.append(" ").append(trim(line));
    } else if (is_field(line)) {
      const auto name = name_at(line);
      const auto colon = line.find(':');
      if (kept && header.fields_.size() < kMostFields) {
        header.fields_.push_back({to_lower(name), std::string(trim(line.substr(colon + 1)))});
      }
    } else if (!is_known_field(rest)) {
      break;
    }
    text = rest;
  }
  return header;
}

std::string_view MailHeader::value(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &Field::name);
  return found == fields_.end() ? std::string_view{} : std::string_view(found->value);
}

bool MailHeader::has(std::string_view name) const {
  return std::ranges::find(fields_, name, &Field::name) != fields_.end();
}

std::vector<std::string_view> MailHeader::values(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& field : fields_) {
    if (field.name == name) values.emplace_back(field.value);
  }
  return values;
}

}  // namespace suppressd::report
