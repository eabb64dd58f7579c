// Cleans and cuts text that came from outside.
//
// All remote text (replies, log lines, addresses, mail) passes through clean() before it is stored,
// logged or shown: this is the one choke point. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace suppressd {

/// Makes remote text safe to store and show: control characters become spaces, and bytes that are
/// not UTF-8 become U+FFFD. If the result is longer than `limit` bytes, it is cut between two
/// characters and ends in `...`; the dots are within the limit.
std::string clean(std::string_view text, std::size_t limit = 1000);

/// Characters that act on a terminal or end a line: C0, DEL, C1, line and paragraph separators, and
/// characters that change the direction of the text.
bool is_control(char32_t character);

/// Converts ASCII letters to lower case and leaves all other bytes as they are.
std::string to_lower(std::string_view text);

bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

/// The first eight bytes as a number with the same order, so that most comparisons need not read
/// the texts.
std::uint64_t beginning_of(std::string_view text);

/// For maps with keys of type std::string that are looked up by std::string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// Without blanks (space, tab, CR, LF) at either end.
std::string_view trim(std::string_view text);

}  // namespace suppressd
