// Which of many words occur in a text: Aho and Corasick's automaton (CACM 18, 1975), one step a byte.
//
// The classifier asks it which patterns can match at all, before it tries them. Immutable once made, safe from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

class Keywords {
 public:
  Keywords() = default;
  explicit Keywords(const std::vector<std::string>& words);

  /// Indexes of the words that occur anywhere in `text`, each once, in no order. Bytes are compared as they are.
  std::vector<int> find(std::string_view text) const;

 private:
  using Node = std::uint32_t;
  Node& next(Node node, std::size_t symbol) { return next_[node * symbols_ + symbol]; }
  Node next(Node node, std::size_t symbol) const { return next_[node * symbols_ + symbol]; }

  std::array<std::uint8_t, 256> symbol_of_{};  ///< Bytes that occur in no word are all symbol 0.
  std::size_t symbols_ = 1;
  std::vector<Node> next_;     ///< By node and symbol; node 0 is the root.
  std::vector<int> word_;      ///< Word that ends at a node; -1: none.
  std::vector<Node> shorter_;  ///< Nearest node on the way of suffixes at which a word ends; 0: none.
};

}  // namespace suppressd
