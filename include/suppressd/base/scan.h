// Steps of a reader that goes from left to right over one line.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "suppressd/base/ascii.h"

namespace suppressd::scan {

using suppressd::is_digit;
using suppressd::is_lower;
using suppressd::is_upper;

/// Takes `prefix` off if it is there.
inline bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes all up to `end`, and `end` itself; all of it where `end` is missing.
inline std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
  return taken;
}

/// Takes exactly `digits` digits.
inline std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

/// The number that is all of `text`.
template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Position of `wanted` outside quoted strings (RFC 5321 section 4.1.2), npos where there is none, an
/// unclosed quote included.
inline std::size_t find_unquoted(std::string_view text, char wanted) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '\\' && quoted) {
      ++i;
    } else if (text[i] == wanted && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

inline std::string_view without_brackets(std::string_view text) {
  if (text.size() < 2 || text.front() != '<' || text.back() != '>') return text;
  return text.substr(1, text.size() - 2);
}

/// For each byte: 1 a small letter, 2 a digit or a capital, 0 all else.
constexpr std::array<std::uint8_t, 256> id_characters() {
  std::array<std::uint8_t, 256> kinds{};
  for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
    const auto character = static_cast<char>(byte);
    if (is_digit(character) || is_upper(character)) kinds[byte] = 2;
    if (is_lower(character)) kinds[byte] = 1;
  }
  return kinds;
}
inline constexpr auto kIdCharacters = id_characters();

/// Takes `QID: ` off: 5 to 40 letters and digits with a digit or a capital among them; `warning`, `NOQUEUE`
/// and the like are none.
inline std::optional<std::string_view> take_queue_id(std::string_view& message) {
  constexpr std::size_t kLongest = 40;
  const std::size_t end = std::min(message.size(), kLongest + 1);
  unsigned seen = 0;
  std::size_t length = 0;
  for (; length < end; ++length) {
    const unsigned kind = kIdCharacters[static_cast<unsigned char>(message[length])];
    if (kind == 0) break;
    seen |= kind;
  }
  if (seen < 2 || length < 5 || length > kLongest) return std::nullopt;
  const std::string_view id = message.substr(0, length);
  const std::string_view rest = message.substr(length);
  if (!rest.starts_with(": ") || id == "NOQUEUE") return std::nullopt;
  message = rest.substr(2);
  return id;
}

}  // namespace suppressd::scan
