// `name=` at the start of a field. Private to this layer.
#pragma once

#include <optional>
#include <string_view>

#include "suppressd/base/scan.h"

namespace suppressd {

/// Removes `name=` and returns the name: lower-case letters, digits, `_` and `-`.
inline std::optional<std::string_view> take_field_name(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() &&
         (scan::is_lower(text[end]) || scan::is_digit(text[end]) || text[end] == '_' || text[end] == '-'))
    ++end;
  if (end == 0 || end == text.size() || text[end] != '=') return std::nullopt;
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end + 1);
  return name;
}

}  // namespace suppressd
