// A set that finds every member, and wrongly finds about one in 200 of the texts that are not
// members. Its bits are in blocks of 256, so that a look-up costs one line of the processor's cache
// (Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
//
// Any number of threads may look up at once, but not while one adds.
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

  /// `members`: how many it is sized for.
  explicit BloomFilter(std::size_t members);

  void add(std::string_view member);
  bool may_contain(std::string_view member) const;
  /// More members were added than it was sized for, so it wrongly finds more texts.
  bool overfull() const { return added_ > members_; }
  /// In bytes.
  std::size_t memory() const { return blocks_.capacity() * sizeof(Block); }

 private:
  using Block = std::array<std::uint32_t, 8>;

  std::size_t place_of(std::uint64_t hash) const;

  std::size_t members_;
  std::size_t added_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace suppressd
