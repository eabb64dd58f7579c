#include "suppressd/core/tags.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::string_view kHeader = "header:";
constexpr std::size_t kMostFields = 99;

using Pair = std::pair<const TagSource*, std::string*>;

std::array<Pair, 4> pairs(const TagSources& sources, Tags& tags) {
  return {Pair{&sources.campaign, &tags.campaign}, Pair{&sources.source, &tags.source},
          Pair{&sources.account, &tags.account}, Pair{&sources.contact, &tags.contact}};
}

std::string_view field_of(std::string_view value, std::size_t number) {
  for (; number > 1; --number) {
    const auto colon = value.find(':');
    if (colon == std::string_view::npos) return {};
    value.remove_prefix(colon + 1);
  }
  return value.substr(0, value.find(':'));
}

// RFC 2919: a phrase may come before the id in brackets.
std::string_view list_id_of(std::string_view value) {
  const auto open = value.rfind('<');
  if (open == std::string_view::npos) return value;
  value.remove_prefix(open + 1);
  return value.substr(0, value.find('>'));
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

}  // namespace

bool may_be_about(const TagNote& note, Time entered) {
  return entered >= note.begun - kTagApart && entered <= note.ended + kTagApart;
}

Result<TagSource> tag_source_from(std::string_view text) {
  if (text.empty()) return TagSource{};
  if (text == "list-id") return TagSource{.from = TagSource::From::list_id, .header = {}};
  if (text == "sasl") return TagSource{.from = TagSource::From::sasl, .header = {}};
  const Error wrong{"\"" + std::string(text) +
                    "\" is none of header:NAME, header:NAME:N (N from 1 to 99), list-id and sasl"};
  if (!text.starts_with(kHeader)) return wrong;
  auto name = text.substr(kHeader.size());
  TagSource source{.from = TagSource::From::header, .header = {}};
  if (const auto colon = name.find(':'); colon != std::string_view::npos) {
    const auto number = name.substr(colon + 1);
    const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), source.field);
    if (failed != std::errc{} || end != number.data() + number.size() || source.field == 0 ||
        source.field > kMostFields)
      return wrong;
    name = name.substr(0, colon);
  }
  if (!is_header_name(name)) return wrong;
  source.header = name;
  return source;
}

bool TagSources::any_header() const {
  return std::ranges::any_of(std::array{campaign.from, source.from, account.from, contact.from},
                             [](TagSource::From from) {
                               return from == TagSource::From::header || from == TagSource::From::list_id;
                             });
}

std::string tag_value(std::string_view text) {
  std::string value(trim(text).substr(0, kTagBytes));
  std::ranges::replace_if(
      value, [](char c) { return c < ' ' || c > '~'; }, '?');
  return std::string(trim(value));
}

void read_tags(const TagSources& sources, std::string_view name, std::string_view value, Tags& tags) {
  for (const auto& [source, tag] : pairs(sources, tags)) {
    if (!tag->empty()) continue;
    if (source->from == TagSource::From::header && equals_ignoring_case(name, source->header))
      *tag = tag_value(source->field == 0 ? value : field_of(value, source->field));
    if (source->from == TagSource::From::list_id && equals_ignoring_case(name, "List-Id"))
      *tag = tag_value(list_id_of(value));
  }
}

void read_tags_of_login(const TagSources& sources, std::string_view login, Tags& tags) {
  for (const auto& [source, tag] : pairs(sources, tags))
    if (source->from == TagSource::From::sasl) *tag = tag_value(login);
}

std::string_view queued_as(std::string_view reply) {
  constexpr std::string_view kWords = "queued as ";
  const auto words = reply.rfind(kWords);
  if (words == std::string_view::npos) return {};
  const auto id = reply.substr(words + kWords.size());
  const auto end = std::ranges::find_if(id, [](char c) {
    return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
  });
  return id.substr(0, static_cast<std::size_t>(end - id.begin()));
}

}  // namespace suppressd
