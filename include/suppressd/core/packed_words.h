// Packing (packed.h) with numbers in place of words that come again and again, from a list that is kept
// beside the bytes.
#pragma once

#include <cstdint>
#include <string>

#include "suppressd/core/packed.h"
#include "suppressd/core/word_list.h"

namespace suppressd {

/// A text that is the same in most records.
template <typename Text>
struct Word {
  Text& text;
};
template <typename Text>
Word(Text&) -> Word<Text>;

/// Packs, with numbers in place of words.
class WordPacker {
 public:
  WordPacker(std::string& bytes, WordList& words) : packer_(bytes), words_(words) {}

  template <typename... Fields>
  void operator()(const Fields&... fields) {
    (write(fields), ...);
  }

 private:
  template <typename Field>
  void write(const Field& field) {
    packer_(field);
  }
  template <typename Text>
  void write(Word<Text> word) {
    const auto number = words_.number_of(word.text);
    packer_(number ? *number + 1 : 0);
    if (!number) packer_(word.text);
  }

  Packer packer_;
  WordList& words_;
};

/// Unpacks what a WordPacker has packed.
class WordUnpacker {
 public:
  WordUnpacker(Unpacker& unpacker, const WordList& words) : unpacker_(unpacker), words_(words) {}

  template <typename... Fields>
  void operator()(Fields&&... fields) {
    (read(fields), ...);
  }

 private:
  template <typename Field>
  void read(Field& field) {
    unpacker_(field);
  }
  template <typename Text>
  void read(Word<Text>& word) {
    int number = 0;
    unpacker_(number);
    if (number > 0)
      word.text = words_.word(static_cast<std::uint8_t>(number - 1));
    else
      unpacker_(word.text);
  }

  Unpacker& unpacker_;
  const WordList& words_;
};

}  // namespace suppressd
