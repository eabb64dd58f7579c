#include "suppressd/base/keywords.h"

#include <algorithm>
#include <numeric>

namespace suppressd {
namespace {

unsigned char byte(char c) {
  return static_cast<unsigned char>(c);
}

/// How many nodes have a table of steps: the first ones, which have the shortest texts. It costs 4
/// bytes per node and kind of letter.
constexpr std::size_t kWithSteps = 1024;

std::uint64_t bit(char letter) {
  return std::uint64_t{1} << (byte(letter) % 64);
}

}  // namespace

Keywords::Keywords(const std::vector<std::string>& words) {
  std::vector<std::size_t> order(words.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return words[i]; });

  for (const auto& word : words) {
    for (const char c : word) {
      if (kind_[byte(c)] == 0) kind_[byte(c)] = static_cast<std::uint16_t>(kinds_++);
    }
  }

  // The words, in sorted order, that begin with the text of a node, which is `length` letters long.
  struct Range {
    std::size_t begin;
    std::size_t end;
    std::size_t length;
  };
  std::vector<Range> ranges{{0, order.size(), 0}};
  nodes_.emplace_back();
  letters_ += '\0';
  // Shorter texts come first, so that the node of the longest proper suffix is complete before it
  // is needed.
  for (Node node = kRoot; node < nodes_.size(); ++node) {
    auto [begin, end, length] = ranges[node];
    for (; begin < end && words[order[begin]].size() == length; ++begin)
      nodes_[node].word = static_cast<int>(order[begin]);
    const Node suffix = nodes_[node].suffix;
    ends_.push_back(nodes_[node].word >= 0 || node == kRoot ? node : ends_[suffix]);
    nodes_[node].first_child = static_cast<Node>(nodes_.size());
    while (begin < end) {
      const char letter = words[order[begin]][length];
      const auto first = begin;
      while (begin < end && words[order[begin]][length] == letter) ++begin;
      nodes_.push_back({.suffix = node == kRoot ? kRoot : next(suffix, letter)});
      letters_ += letter;
      ranges.push_back({first, begin, length + 1});
      nodes_[node].letters |= bit(letter);
      ++nodes_[node].children;
    }
    if (node < kWithSteps) add_steps(node);
  }
  nodes_.shrink_to_fit();
}

/// The steps of a node are those of its suffix, except the ones that lead to its own children.
void Keywords::add_steps(Node node) {
  const auto& place = nodes_[node];
  const auto row = steps_.size();
  steps_.resize(row + kinds_, kRoot);
  if (node != kRoot)
    std::copy_n(steps_.begin() + static_cast<std::ptrdiff_t>(place.suffix * kinds_), kinds_,
                steps_.begin() + static_cast<std::ptrdiff_t>(row));
  for (Node child = place.first_child; child < place.first_child + place.children; ++child)
    steps_[row + kind_[byte(letters_[child])]] = child;
}

Keywords::Node Keywords::child_of(Node parent, char letter) const {
  const auto& place = nodes_[parent];
  if ((place.letters & bit(letter)) == 0) return kRoot;
  const auto at = std::string_view(letters_).substr(place.first_child, place.children).find(letter);
  return at == std::string_view::npos ? kRoot : place.first_child + static_cast<Node>(at);
}

Keywords::Node Keywords::next(Node node, char letter) const {
  for (; node >= kWithSteps; node = nodes_[node].suffix) {
    if (const Node child = child_of(node, letter); child != kRoot) return child;
  }
  return steps_[node * kinds_ + kind_[byte(letter)]];
}

std::vector<int> Keywords::find(std::string_view text) const {
  std::vector<int> found;
  if (nodes_.empty()) return found;
  found.reserve(64);
  std::vector<bool> seen(nodes_.size(), false);
  Node node = kRoot;
  for (const char c : text) {
    node = next(node, c);
    // A node that was seen has been reported, and so have all shorter words that end with it.
    for (Node end = ends_[node]; end != kRoot && !seen[end]; end = ends_[nodes_[end].suffix]) {
      seen[end] = true;
      found.push_back(nodes_[end].word);
    }
  }
  return found;
}

}  // namespace suppressd
