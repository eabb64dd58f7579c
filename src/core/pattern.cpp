#include "suppressd/core/pattern.h"

#include "suppressd/base/ascii.h"
#include "suppressd/base/text.h"
#include "suppressd/base/utf8.h"

#include "wording.h"

namespace suppressd {
namespace {

constexpr std::string_view kCaselessClasses = "dDsSwWbB";

/// The `-` of a class: one by itself, or a range of digits or of lower letters, which has no upper ones.
bool harmless_range(char from, char to) {
  return from == '[' || to == ']' || (is_digit(from) && is_digit(to)) || (is_lower(from) && is_lower(to));
}

/// The alphabets with cases that wording.h knows, and some that have none.
bool lower_in_all(char32_t c) {
  const bool known = c < 0x250 || (c >= 0x370 && c < 0x530) || (c >= 0x1E00 && c < 0x1F00);
  const bool without_cases =
      (c >= 0x590 && c < 0x1000) || (c >= 0x2E80 && c < 0xA000) || (c >= 0xAC00 && c < 0xD800);
  return without_cases || (known && lower(c) == c);
}

}  // namespace

bool in_lower_case(std::string_view pattern) {
  for (const std::string_view rarity :
       {"[:", "[]", "[^]"}) {  // [[:upper:]], and classes that begin with their own end
    if (pattern.find(rarity) != std::string_view::npos) return false;
  }
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (static_cast<unsigned char>(c) >= 0x80) {
      char32_t character = 0;
      const auto length = next_character(pattern.substr(i), character);
      if (length == 0 || !lower_in_all(character)) return false;
      i += length - 1;
      continue;
    }
    if (is_upper(c)) return false;
    if (c == '\\') {
      // Some of them name a character by its number.
      if ((is_letter(next) || is_digit(next)) && kCaselessClasses.find(next) == std::string_view::npos)
        return false;
      ++i;
    } else if (c == '-' && in_class) {
      if (!harmless_range(pattern[i - 1], next)) return false;
    } else if (c == '[') {
      in_class = true;
    } else if (c == ']') {
      in_class = false;
    }
  }
  return true;
}

RE2::Options pattern_options(std::string_view pattern) {
  RE2::Options options;
  options.set_case_sensitive(in_lower_case(pattern));
  options.set_never_capture(true);
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  return options;
}

std::string pattern_error(const std::string& pattern) {
  const RE2 compiled(pattern, pattern_options(pattern));
  return compiled.ok() ? std::string{} : clean(compiled.error(), 200);
}

}  // namespace suppressd
