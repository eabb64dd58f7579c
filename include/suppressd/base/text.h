// Cleaning and cutting of text that came from outside.
//
// All remote text (replies, log lines, addresses, mail) passes through clean() before it is stored, logged or
// shown: this is the one choke point. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace suppressd {

/// Remote text made safe to store and show: control characters become spaces, bytes that are not UTF-8 become
/// U+FFFD, and what is then longer than `limit` bytes is cut at a character's border and ends in `...`, which
/// are within the limit.
std::string clean(std::string_view text, std::size_t limit = 1000);

/// Characters that act on a terminal or end a line: C0, DEL, C1, line and paragraph separators, and those
/// that turn the direction of the text.
bool is_control(char32_t character);

/// ASCII letters in lower case; all other bytes as they are.
std::string to_lower(std::string_view text);

bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

/// The first eight bytes as a number that is ordered as they are, to compare most texts without looking at
/// them.
std::uint64_t beginning_of(std::string_view text);

/// For maps by std::string that are asked with views.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// Without blanks (space, tab, CR, LF) at either end.
std::string_view trim(std::string_view text);

}  // namespace suppressd
