// Functions for reading one line from left to right.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "suppressd/base/ascii.h"

namespace suppressd::scan {

using suppressd::is_digit;
using suppressd::is_lower;
using suppressd::is_upper;

/// Removes `prefix` if `text` begins with it.
inline bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Removes the text up to and including `end`, and returns it without `end`. Takes all of `text` if
/// there is no `end` in it.
inline std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
  return taken;
}

/// Removes exactly `digits` digits and returns their value.
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

/// The value of `text`; nullopt unless all of it is a number.
template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Position of `wanted` outside quoted strings (RFC 5321 section 4.1.2), or npos. After a quote
/// that is never closed, nothing is found.
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

}  // namespace suppressd::scan
