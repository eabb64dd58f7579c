#include "suppressd/base/text.h"

#include <algorithm>

#include "suppressd/base/ascii.h"
#include "suppressd/base/utf8.h"

namespace suppressd {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kCut = "...";

char lower(char c) {
  return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_printable_ascii(char c) {
  return c >= 0x20 && c < 0x7F;
}

}  // namespace

bool is_control(char32_t character) {
  return character < 0x20 || (character >= 0x7F && character < 0xA0) ||
         (character >= 0x2028 && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

std::string clean(std::string_view text, std::size_t limit) {
  if (text.size() <= limit && std::ranges::all_of(text, is_printable_ascii)) return std::string(text);
  std::string result;
  // One character beyond the limit is enough to know that the text must be cut.
  while (!text.empty() && result.size() <= limit) {
    char32_t character = 0;
    std::size_t length = next_character(text, character);
    if (length == 0) {
      length = broken_length(text);
      result += kReplacement;
    } else if (is_control(character)) {
      result += ' ';
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  if (result.size() > limit) {
    const auto dots = kCut.substr(0, std::min(limit, kCut.size()));
    result.resize(cut_at_border(result, limit - dots.size()).size());
    result += dots;
  }
  return result;
}

std::uint64_t beginning_of(std::string_view text) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i)
    number = number << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
  return number;
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, lower, lower);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace suppressd
