// Which of many words occur in a text: Aho and Corasick's automaton (CACM 18, 1975), on average two
// steps a byte at most.
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
  static constexpr Node kRoot = 0;

  struct Place {
    Node first_child = kRoot;  ///< kRoot: none, as in the next.
    Node sibling = kRoot;      ///< The next child of the same parent.
    Node suffix = kRoot;       ///< Of the longest proper suffix of what leads here.
    Node shorter = kRoot;      ///< Nearest node on the way of suffixes at which a word ends; kRoot: none.
    int word = -1;             ///< That ends here; -1: none.
    char letter = 0;           ///< That leads here.
  };

  Node add_child(Node parent, char letter);
  Node child_of(Node parent, char letter) const;  ///< kRoot: none.
  Node next(Node node, char letter) const;

  std::vector<Place> nodes_;
  std::array<Node, 256> beginnings_{};  ///< The root's children, by letter.
};

}  // namespace suppressd
