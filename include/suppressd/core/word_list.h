// Words of which a few come again and again: each is kept once, and a number stands for it.
//
// Takes so many, and no more; its memory is used again after clear(). Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

class WordList {
 public:
  static constexpr std::size_t kMost = 200;
  static constexpr std::size_t kLongest = 255;  ///< Bytes of a word.

  void clear();
  /// The number of a word, which is taken in where it is new; none where it is too long or there are too
  /// many.
  std::optional<std::uint8_t> number_of(std::string_view word);
  /// A word that was taken in.
  std::string_view word(std::uint8_t number) const { return words_[number]; }
  /// Bytes, about.
  std::size_t memory() const { return bytes_; }

 private:
  static constexpr std::size_t kSlots = 512;
  static_assert(kMost < 256 && kSlots > 2 * kMost);

  std::vector<std::string> words_;  ///< Those behind size_ are free.
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::array<std::uint8_t, kSlots> slots_{};  ///< By hash: a number and 1; 0: free.
};

}  // namespace suppressd
