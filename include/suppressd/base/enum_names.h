// The value of an enum by its name, where the names stand in the order of the values.
//
// Pure, safe from any thread; nothing fails.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace suppressd {

/// nullopt: no value has this name.
template <typename Enum>
std::optional<Enum> enum_from(std::span<const std::string_view> names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace suppressd
