// Finds which of many words occur in a text: Aho and Corasick's automaton (CACM 18, 1975). It takes
// at most two steps per byte on average, and one step per byte where it has a table.
//
// Immutable once constructed; safe from any thread.
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

  /// The indexes of the words that occur anywhere in `text`, each once, in no particular order.
  /// Case matters.
  std::vector<int> find(std::string_view text) const;

 private:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;

  struct Place {
    /// One bit for the last six bits of each child's letter. It rules out most letters: few of them
    /// lead on.
    std::uint64_t letters = 0;
    Node first_child = kRoot;  ///< The children are adjacent.
    Node suffix = kRoot;       ///< The node of the longest proper suffix of this node's text.
    int word = -1;             ///< The word that ends here; -1: none.
    std::uint16_t children = 0;
  };

  void add_steps(Node node);
  Node child_of(Node parent, char letter) const;  ///< kRoot: there is none.
  Node next(Node node, char letter) const;

  std::vector<Place> nodes_;  ///< Those with shorter texts first.
  /// For each node, the nearest one at which a word ends: itself, or one on its way of suffixes.
  /// kRoot: there is none.
  std::vector<Node> ends_;
  std::string letters_;  ///< For each node, the last letter of its text.
  /// For each of the first nodes, where each kind of letter leads. Most of a text is read there.
  std::vector<Node> steps_;
  std::size_t kinds_ = 1;  ///< Kinds of letters; kind 0 occurs in no word.
  std::array<std::uint16_t, 256> kind_{};
};

}  // namespace suppressd
