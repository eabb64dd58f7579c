#include "suppressd/base/utf8.h"

#include <algorithm>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

/// Six bits of a character, behind its first byte.
char following(char32_t bits) {
  return static_cast<char>(0x80 | (bits & 0x3F));
}

}  // namespace

void append_character(std::string& text, char32_t character) {
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += static_cast<char>(0xC0 | (character >> 6));
    text += following(character);
  } else if (character < 0x10000) {
    text += static_cast<char>(0xE0 | (character >> 12));
    text += following(character >> 6);
    text += following(character);
  } else {
    text += static_cast<char>(0xF0 | (character >> 18));
    text += following(character >> 12);
    text += following(character >> 6);
    text += following(character);
  }
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    char32_t character = 0;
    const std::size_t length = next_character(text, character);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace suppressd
