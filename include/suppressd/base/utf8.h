// UTF-8 (RFC 3629): the one place that reads and writes it.
//
// Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace suppressd {

/// The length in bytes of the well-formed character that `text` begins with; 0: there is none.
std::size_t next_character(std::string_view text, char32_t& character);

/// How many bytes one U+FFFD replaces at the start of `text` if next_character() finds no character
/// there: the longest part of one (Unicode chapter 3.9, maximal subpart), but at least one byte.
std::size_t broken_length(std::string_view text);

/// `character` is a code point up to U+10FFFF, not a surrogate.
void append_character(std::string& text, char32_t character);

/// Whether all of `text` is well-formed.
bool is_utf8(std::string_view text);

/// The beginning of `text`, cut between two characters to at most `limit` bytes. `text` is
/// well-formed.
std::string_view cut_at_border(std::string_view text, std::size_t limit);

/// The number of characters in `text`, which is well-formed.
std::size_t count_characters(std::string_view text);

}  // namespace suppressd
