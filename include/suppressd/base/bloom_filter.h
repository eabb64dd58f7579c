// A set that never forgets a member and takes one in two hundred others for one: split blocks of 256 bits, so
// that a question costs one line of the processor's cache (Putze, Sanders and Singler, "Cache-, Hash- and
// Space-Efficient Bloom Filters", 2007).
//
// Not safe from several threads at once while one adds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace suppressd {

class BloomFilter {
 public:
  static constexpr std::size_t kBitsPerMember = 12;

  /// `members`: for how many it is made.
  explicit BloomFilter(std::size_t members);

  void add(std::string_view member);
  bool may_contain(std::string_view member) const;
  /// There are more members than it was made for: more others are taken for members.
  bool overfull() const { return added_ > members_; }
  /// Bytes.
  std::size_t memory() const { return blocks_.capacity() * sizeof(Block); }

 private:
  using Block = std::array<std::uint32_t, 8>;

  std::size_t place_of(std::uint64_t hash) const;

  std::size_t members_;
  std::size_t added_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace suppressd
