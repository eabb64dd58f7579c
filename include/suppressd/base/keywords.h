// Which of many words occur in a text: Aho and Corasick's automaton (CACM 18, 1975), on average two
// steps a byte at most; one, where it has a table.
//
// Immutable once made, safe from any thread.
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

  /// Indexes of the words that occur anywhere in `text`, each once, in no order. Bytes are compared as they
  /// are.
  std::vector<int> find(std::string_view text) const;

 private:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;

  struct Place {
    std::uint64_t letters =
        0;  ///< Those of the children, by their last six bits: most texts lead on from few places.
    Node first_child = kRoot;  ///< The children are adjacent.
    Node suffix = kRoot;       ///< Of the longest proper suffix of what leads here.
    int word = -1;             ///< That ends here; -1: none.
    std::uint16_t children = 0;
  };

  void add_steps(Node node);
  Node child_of(Node parent, char letter) const;  ///< kRoot: none.
  Node next(Node node, char letter) const;

  std::vector<Place> nodes_;  ///< Shorter ones first.
  std::vector<Node> ends_;    ///< Of each node: itself or the nearest on the way of suffixes at which a word
                              ///< ends; kRoot: none.
  std::string letters_;       ///< That lead to each node.
  std::vector<Node>
      steps_;  ///< For each of the first nodes, where each kind of letter leads: most of a text is there.
  std::size_t kinds_ = 1;  ///< Of letters: 0 is in no word.
  std::array<std::uint16_t, 256> kind_{};
};

}  // namespace suppressd
