#include "wording.h"

#include <algorithm>
#include <array>

#include "suppressd/base/ascii.h"
#include "suppressd/base/text.h"
#include "suppressd/base/utf8.h"
#include "suppressd/core/reply.h"

namespace suppressd {
namespace {

constexpr bool is_high(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

/// What each byte may be part of, and how it reads in a wording; one table, as every byte of every reply is
/// looked at.
struct Alphabet {
  std::array<bool, 256> local_part{};
  std::array<bool, 256> domain{};
  std::array<char, 256> plain{};  ///< Lower case; 0: not a printable character of ASCII, or a blank.
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  for (std::size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool word = is_letter(c) || is_digit(c) || is_high(c);
    alphabet.domain[i] = word || c == '.' || c == '-' || c == '_';
    alphabet.local_part[i] =
        word || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
    if (c > ' ' && c < 0x7F) alphabet.plain[i] = is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return alphabet;
}
constexpr Alphabet kAlphabet = make_alphabet();

bool in_local_part(char c) {
  return kAlphabet.local_part[static_cast<unsigned char>(c)];
}

bool in_domain(char c) {
  return kAlphabet.domain[static_cast<unsigned char>(c)];
}

bool in_ip(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

char plain_character(char c) {
  return kAlphabet.plain[static_cast<unsigned char>(c)];
}

std::size_t plain_run(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && plain_character(text[length]) != 0) ++length;
  return length;
}

/// Blanks collapsed, controls gone, UTF-8, lower case.
std::string plain(std::string_view text) {
  text = text.substr(0, kWordingLimit);
  std::string result;
  result.reserve(text.size() + 16);
  bool blank = true;  // Leading blanks go.
  while (!text.empty()) {
    if (const auto run = plain_run(text); run > 0) {
      const auto begin = result.size();
      result += text.substr(0, run);
      for (auto i = begin; i < result.size(); ++i) result[i] = plain_character(result[i]);
      blank = false;
      text.remove_prefix(run);
      continue;
    }
    char32_t character = static_cast<unsigned char>(text[0]);
    std::size_t length = 1;
    if (character >= 0x80) {
      length = next_character(text, character);
      if (length == 0) {
        length = 1;
        character = static_cast<unsigned char>(text[0]);
      }
    }
    if (character == ' ' || character == 0xA0 || is_control(character)) {
      if (!blank) result += ' ';
      blank = true;
    } else {
      append_character(result, lower(character));
      blank = false;
    }
    text.remove_prefix(length);
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

/// `[192.0.2.1]`, `[2001:db8::1]` at the start of `text`, with a `:25` after it; 0: there is none.
std::size_t bracketed_ip(std::string_view text) {
  std::size_t i = 1;
  if (text.substr(1).starts_with("ipv6:")) i += 5;
  const auto first = i;
  bool separated = false;
  for (; i < text.size() && in_ip(text[i]); ++i) separated = separated || text[i] == '.' || text[i] == ':';
  if (!separated || i - first < 2 || i >= text.size() || text[i] != ']') return 0;
  ++i;
  if (i + 1 < text.size() && text[i] == ':' && is_digit(text[i + 1])) {
    for (++i; i < text.size() && is_digit(text[i]); ++i) {
    }
  }
  return i;
}

/// `sender[192.0.2.1]` is a word before an address, `mx.example.com[192.0.2.1]` a host.
void drop_host(std::string& result) {
  const auto name = std::find_if_not(result.rbegin(), result.rend(), in_domain);
  if (std::find(result.rbegin(), name, '.') != name) result.erase(name.base(), result.end());
}

void drop_local_part(std::string& result) {
  if (result.ends_with('"')) {
    const auto open = result.rfind('"', result.size() - 2);
    if (result.size() > 1 && open != std::string::npos) result.resize(open);
    return;
  }
  auto begin = result.size();
  while (begin > 0 && in_local_part(result[begin - 1])) --begin;
  // `not allowed...someone@`: dots in a row are no part of an address (RFC 5321 section 4.1.2).
  if (const auto dots = result.rfind("..."); dots != std::string::npos && dots >= begin) begin = dots + 3;
  result.resize(begin);
}

std::string without_names(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '@' && i + 1 < text.size() && (in_domain(text[i + 1]) || text[i + 1] == '[')) {
      drop_local_part(result);
      result += '@';
      ++i;
      if (text[i] == '[') {
        const auto length = bracketed_ip(text.substr(i));
        i += length > 0 ? length : 1;
      }
      while (i < text.size() && in_domain(text[i])) ++i;
      while (text[i - 1] == '.') --i;  // The full stop of a sentence.
      continue;
    }
    if (c == '[') {
      if (const auto length = bracketed_ip(text.substr(i)); length > 0) {
        drop_host(result);
        result += "[]";
        i += length;
        continue;
      }
    }
    const auto end = std::min({text.find('@', i + 1), text.find('[', i + 1), text.size()});
    result += text.substr(i, end - i);
    i = end;
  }
  return result;
}

bool is_code(std::string_view text) {
  return text.size() >= 3 && (text[0] == '4' || text[0] == '5') && is_digit(text[1]) && is_digit(text[2]);
}

/// The status at the start of `text`, with the blank after it.
std::string_view status_at(std::string_view text) {
  const auto end = text.find(' ');
  if (end == std::string_view::npos || !parse_enhanced_status(text.substr(0, end))) return {};
  return text.substr(0, end + 1);
}

/// Removes the marks of second and later lines: `550-5.1.1 `, and the last one, `550 5.1.1 `.
std::string as_one_line(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  std::string_view code;
  std::string_view status;
  std::size_t i = 0;
  while (i < text.size()) {
    const auto rest = text.substr(i);
    const bool starts_word = i == 0 || text[i - 1] == ' ';
    const bool continued = starts_word && is_code(rest) && rest.size() > 3 && rest[3] == '-';
    if (continued && code.empty()) {
      code = rest.substr(0, 3);
      status = status_at(rest.substr(4));
      result += code;
      result += ' ';
      i += 4;
    } else if (!code.empty() && starts_word && rest.starts_with(code) && rest.size() > 3 &&
               (rest[3] == '-' || rest[3] == ' ')) {
      i += 4;
      if (!status.empty() && text.substr(i).starts_with(status)) i += status.size();
    } else {
      const auto end = std::min(text.find(' ', i), text.size() - 1) + 1;
      result += text.substr(i, end - i);
      i = end;
    }
  }
  return result;
}

}  // namespace

char32_t lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;
  if ((c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
      (c >= 0x218 && c <= 0x21B))
    return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c + (c & 1);
  if (c == 0x1A0 || c == 0x1AF) return c + 1;
  if (c == 0x386) return 0x3AC;
  if (c >= 0x388 && c <= 0x38A) return c + 0x25;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 0x3F;
  if (c >= 0x391 && c <= 0x3A9) return c + 0x20;
  if (c >= 0x400 && c <= 0x40F) return c + 0x50;
  if (c >= 0x410 && c <= 0x42F) return c + 0x20;
  if (c == 0x490) return 0x491;
  if ((c >= 0x1E00 && c <= 0x1E95) || (c >= 0x1EA0 && c <= 0x1EFF)) return c | 1;
  return c;
}

std::string wording_of(std::string_view text) {
  auto result = plain(text);
  if (result.find('-') != std::string::npos) result = as_one_line(result);
  if (result.find('@') != std::string::npos || result.find('[') != std::string::npos)
    result = without_names(result);
  return result;
}

}  // namespace suppressd
