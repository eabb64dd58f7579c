#include "suppressd/core/keywords.h"

namespace suppressd {
namespace {

unsigned char byte(char c) {
  return static_cast<unsigned char>(c);
}

}  // namespace

Keywords::Keywords(const std::vector<std::string>& words) {
  nodes_.emplace_back();
  for (std::size_t i = 0; i < words.size(); ++i) {
    Node node = kRoot;
    for (const char c : words[i]) {
      const Node known = child_of(node, c);
      node = known != kRoot ? known : add_child(node, c);
    }
    nodes_[node].word = static_cast<int>(i);
  }
  nodes_.shrink_to_fit();

  // Breadth first, so that the node of the longest proper suffix is finished before it is needed.
  std::vector<Node> order{kRoot};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Node node = order[i];
    const Node suffix = nodes_[node].suffix;
    nodes_[node].shorter = nodes_[suffix].word >= 0 ? suffix : nodes_[suffix].shorter;
    for (Node child = nodes_[node].first_child; child != kRoot; child = nodes_[child].sibling) {
      if (node != kRoot) nodes_[child].suffix = next(suffix, nodes_[child].letter);
      order.push_back(child);
    }
  }
}

Keywords::Node Keywords::add_child(Node parent, char letter) {
  const auto child = static_cast<Node>(nodes_.size());
  nodes_.push_back({.sibling = nodes_[parent].first_child, .letter = letter});
  nodes_[parent].first_child = child;
  if (parent == kRoot) beginnings_[byte(letter)] = child;
  return child;
}

Keywords::Node Keywords::child_of(Node parent, char letter) const {
  if (parent == kRoot) return beginnings_[byte(letter)];
  Node child = nodes_[parent].first_child;
  while (child != kRoot && nodes_[child].letter != letter) child = nodes_[child].sibling;
  return child;
}

Keywords::Node Keywords::next(Node node, char letter) const {
  for (;; node = nodes_[node].suffix) {
    const Node child = child_of(node, letter);
    if (child != kRoot || node == kRoot) return child;
  }
}

std::vector<int> Keywords::find(std::string_view text) const {
  std::vector<int> found;
  if (nodes_.empty()) return found;
  std::vector<bool> seen(nodes_.size(), false);
  Node node = kRoot;
  for (const char c : text) {
    node = next(node, c);
    // What ends at a node that was seen has been reported, and so have all shorter ones.
    for (Node end = nodes_[node].word >= 0 ? node : nodes_[node].shorter; end != kRoot && !seen[end]; end = nodes_[end].shorter) {
      seen[end] = true;
      found.push_back(nodes_[end].word);
    }
  }
  return found;
}

}  // namespace suppressd
