#include "suppressd/core/keywords.h"

namespace suppressd {

Keywords::Keywords(const std::vector<std::string>& words) {
  const auto byte = [](char c) { return static_cast<unsigned char>(c); };
  for (const auto& word : words) {
    for (const char c : word) {
      auto& symbol = symbol_of_[byte(c)];
      if (symbol == 0 && symbols_ < 256) symbol = static_cast<std::uint8_t>(symbols_++);
    }
  }
  // A row of the table for each letter at most; it is by far the largest part.
  std::size_t letters = 0;
  for (const auto& word : words) letters += word.size();
  next_.reserve((letters + 1) * symbols_);
  const auto add_node = [&] {
    next_.resize(next_.size() + symbols_, 0);
    word_.push_back(-1);
    shorter_.push_back(0);
    return static_cast<Node>(word_.size() - 1);
  };
  add_node();
  for (std::size_t i = 0; i < words.size(); ++i) {
    Node node = 0;
    for (const char c : words[i]) {
      const auto symbol = symbol_of_[byte(c)];
      if (next(node, symbol) == 0) {
        const Node added = add_node();
        next(node, symbol) = added;
      }
      node = next(node, symbol);
    }
    word_[node] = static_cast<int>(i);
  }

  next_.shrink_to_fit();

  // Breadth first, so that the node of the longest proper suffix is finished before it is needed.
  std::vector<Node> suffix(word_.size(), 0);
  std::vector<Node> order{0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Node node = order[i];
    const Node fallen = suffix[node];
    shorter_[node] = word_[fallen] >= 0 ? fallen : shorter_[fallen];
    for (std::size_t symbol = 0; symbol < symbols_; ++symbol) {
      const Node child = next(node, symbol);
      const Node other = node == 0 ? 0 : next(fallen, symbol);
      if (child == 0) {
        next(node, symbol) = other;
      } else {
        suffix[child] = other;
        order.push_back(child);
      }
    }
  }
}

std::vector<int> Keywords::find(std::string_view text) const {
  std::vector<int> found;
  if (word_.empty()) return found;
  std::vector<bool> seen(word_.size(), false);
  Node node = 0;
  for (const char c : text) {
    node = next(node, symbol_of_[static_cast<unsigned char>(c)]);
    // What ends at a node that was seen has been reported, and so have all shorter ones.
    for (Node end = word_[node] >= 0 ? node : shorter_[node]; end != 0 && !seen[end]; end = shorter_[end]) {
      seen[end] = true;
      found.push_back(word_[end]);
    }
  }
  return found;
}

}  // namespace suppressd
