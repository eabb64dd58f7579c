#include "mistakes.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "suppressd/base/text.h"
#include "suppressd/base/utf8.h"
#include "suppressd/core/address.h"
#include "suppressd/core/provider.h"

namespace suppressd::ctl {
namespace {

constexpr std::string_view kBetween = " \t\r\n,;|<>()[]{}";
constexpr std::string_view kAround = "'`.:!?*";
constexpr std::string_view kScheme = "mailto:";

std::string_view without_punctuation(std::string_view word) {
  const auto begin = word.find_first_not_of(kAround);
  if (begin == std::string_view::npos) return {};
  return word.substr(begin, word.find_last_not_of(kAround) - begin + 1);
}

/// A no-break space, a zero-width character, a soft hyphen, a byte-order mark: copied text contains
/// them, and they are invisible.
bool is_invisible(char32_t character) {
  return character == 0xA0 || character == 0xAD || (character >= 0x2000 && character <= 0x200F) ||
         character == 0x202F || (character >= 0x2060 && character <= 0x2064) || character == 0x3000 ||
         character == 0xFEFF;
}

/// The first one, as `U+200B`; empty: none.
std::string invisible_character(std::string_view text) {
  while (!text.empty()) {
    char32_t character = 0;
    const auto length = next_character(text, character);
    if (length > 0 && is_invisible(character)) {
      std::array<char, 16> name{};
      std::snprintf(name.data(), name.size(), "U+%04X", static_cast<unsigned>(character));
      return name.data();
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return {};
}

/// Without quotes and invisible characters.
std::string bare(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    char32_t character = 0;
    const auto length = std::max<std::size_t>(next_character(text, character), 1);
    if (character != '"' && !is_invisible(character)) kept += text.substr(0, length);
    text.remove_prefix(length);
  }
  return kept;
}

/// The address that a word without blanks probably means; empty: none.
std::string address_in(std::string_view word) {
  word = without_punctuation(word);
  if (starts_with_ignoring_case(word, kScheme)) word = word.substr(kScheme.size());
  std::string text(word.substr(0, word.find('?')));
  if (const auto twice = text.find("@@"); twice != std::string::npos) text.erase(twice, 1);
  auto address = canonical_address(text);
  return address && !address->starts_with('"') ? std::move(*address) : std::string{};
}

bool in_quotes(std::string_view text) {
  return text.find('"') != std::string_view::npos;
}

/// `"john doe"@example.com`: in quotes, which contain nothing that looks like an address or a link.
bool meant_as_it_is(std::string_view text) {
  return text.starts_with('"') && text.find("\"@") != std::string_view::npos &&
         std::ranges::count(text, '@') == 1 && text.find(kScheme) == std::string_view::npos;
}

}  // namespace

std::vector<std::string> addresses_in(std::string_view text) {
  const auto words = bare(text);
  std::vector<std::string> found;
  for (std::string_view rest = words; !rest.empty();) {
    const auto end = rest.find_first_of(kBetween);
    if (auto address = address_in(rest.substr(0, end)); !address.empty()) found.push_back(std::move(address));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return found;
}

std::string likely_mistake(std::string_view typed, std::string_view entry) {
  const auto text = trim(typed);
  if (const auto character = invisible_character(text); !character.empty())
    return "it has an invisible character, " + character;
  if (text.starts_with('\'') || text.starts_with("<'")) return "it begins with an apostrophe";
  if (entry.starts_with("*@")) return "a whole domain is written " + std::string(entry.substr(1));
  if (entry.starts_with('"') && !in_quotes(text)) return "as it is, it means " + std::string(entry);
  if (!entry.starts_with('@')) return {};
  const auto domain = std::string(entry.substr(entry.find_first_not_of("@.")));
  return is_public_suffix(domain) ? domain + " is a public suffix, under which anyone can register a domain"
                                  : std::string{};
}

std::string advice_on(std::string_view text) {
  text = trim(text);
  const auto meant = meant_as_it_is(text) ? std::vector<std::string>{} : addresses_in(text);
  if (meant.size() > 1) return "give each address separately";
  if (text.find('@') == std::string_view::npos && text.find('.') != std::string_view::npos) {
    if (const auto domain = canonical_entry("@" + std::string(text)))
      return "a whole domain is written " + *domain;
  }
  if (meant.empty() || meant.front() == to_lower(text)) return {};
  return "did you mean " + meant.front() + "?";
}

std::string advice_after(std::string_view text) {
  const auto advice = advice_on(text);
  return advice.empty() ? "" : "; " + advice;
}

}  // namespace suppressd::ctl
