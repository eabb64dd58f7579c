// Queue ids as Postfix and Sendmail write them at the start of a message. Private to this layer.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "suppressd/base/ascii.h"

namespace suppressd {

/// For each byte: 1 for a lower-case letter, 2 for a digit or an upper-case letter, else 0.
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

/// Removes `QID: ` and returns the id: 5 to 40 letters and digits, at least one of them a digit or
/// an upper-case letter. `warning` and `NOQUEUE` are not ids.
inline std::optional<std::string_view> take_plain_queue_id(std::string_view& message) {
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

}  // namespace suppressd
