#include "suppressd/base/bloom_filter.h"

#include <functional>

namespace suppressd {
namespace {

constexpr std::size_t kBlockBits = 256;
constexpr unsigned kWordShift = 32 - 5;  // the upper five bits select a bit of a word

// One for each word of a block, all of them odd.
constexpr std::array<std::uint32_t, 8> kMultipliers{0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                                    0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};

std::uint64_t hash_of(std::string_view member) {
  return std::hash<std::string_view>{}(member);
}

std::uint32_t bit(std::uint64_t hash, std::size_t word) {
  return std::uint32_t{1} << (static_cast<std::uint32_t>(hash) * kMultipliers[word] >> kWordShift);
}

}  // namespace

BloomFilter::BloomFilter(std::size_t members)
    : members_(members), blocks_(members * kBitsPerMember / kBlockBits + 1) {}

void BloomFilter::add(std::string_view member) {
  ++added_;
  const std::uint64_t hash = hash_of(member);
  Block& block = blocks_[place_of(hash)];
  for (std::size_t word = 0; word < block.size(); ++word) block[word] |= bit(hash, word);
}

bool BloomFilter::may_contain(std::string_view member) const {
  const std::uint64_t hash = hash_of(member);
  const Block& block = blocks_[place_of(hash)];
  for (std::size_t word = 0; word < block.size(); ++word) {
    if ((block[word] & bit(hash, word)) == 0) return false;
  }
  return true;
}

// Uses the upper half of the hash; bit() uses the lower half.
std::size_t BloomFilter::place_of(std::uint64_t hash) const {
  return static_cast<std::size_t>((hash >> 32) * blocks_.size() >> 32);
}

}  // namespace suppressd
