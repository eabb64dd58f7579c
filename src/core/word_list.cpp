#include "suppressd/core/word_list.h"

#include <functional>

namespace suppressd {

void WordList::clear() {
  size_ = 0;
  slots_.fill(0);
}

std::optional<std::uint8_t> WordList::number_of(std::string_view word) {
  auto place = std::hash<std::string_view>{}(word) % kSlots;
  for (; slots_[place] != 0; place = (place + 1) % kSlots) {
    const auto number = static_cast<std::uint8_t>(slots_[place] - 1);
    if (words_[number] == word) return number;
  }
  if (size_ == kMost || word.size() > kLongest) return std::nullopt;
  if (size_ == words_.size()) {
    words_.emplace_back();
    bytes_ += sizeof(std::string);
  }
  auto& kept = words_[size_];
  bytes_ -= kept.capacity();
  kept = word;
  bytes_ += kept.capacity();
  slots_[place] = static_cast<std::uint8_t>(++size_);
  return static_cast<std::uint8_t>(size_ - 1);
}

}  // namespace suppressd
