// UTF-8 (RFC 3629): the one place that writes and counts it. next_character() in text.h reads it.
//
// Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace suppressd {

/// `character` is a code point up to U+10FFFF, not a surrogate.
void append_character(std::string& text, char32_t character);

/// Whether all of `text` is well-formed.
bool is_utf8(std::string_view text);

/// How many characters `text` has, which is well-formed.
std::size_t count_characters(std::string_view text);

}  // namespace suppressd
