#include "suppressd/core/sample.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace suppressd {
namespace {

constexpr std::size_t kDigits = 16;
constexpr std::size_t kLine = kDigits + 3;  // `0123456789abcdef 1\n`

}  // namespace

// FNV-1a, and the last step of MurmurHash3, after which all bits depend on all others.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

bool Sample::add(std::uint64_t hash, std::uint8_t said) {
  if (hash > limit()) return false;
  const auto [place, fresh] = elements_.try_emplace(hash, said);
  if (fresh) {
    if (elements_.size() > kMost) elements_.erase(std::prev(elements_.end()));
    return true;
  }
  const auto before = place->second;
  place->second |= said;
  return place->second != before;
}

std::string Sample::text() const {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(elements_.size() * kLine);
  for (const auto& [hash, said] : elements_) {
    for (int shift = 60; shift >= 0; shift -= 4) text += kHex[(hash >> shift) & 0xf];
    text += ' ';
    text += static_cast<char>('0' + said);
    text += '\n';
  }
  return text;
}

Sample Sample::from(std::string_view text) {
  Sample sample;
  for (; text.size() >= kLine; text.remove_prefix(kLine)) {
    std::uint64_t hash = 0;
    const auto* const end = text.data() + kDigits;
    if (std::from_chars(text.data(), end, hash, 16).ptr != end) break;
    sample.add(hash, static_cast<std::uint8_t>(text[kDigits + 1] - '0'));
  }
  return sample;
}

void SampleUnion::add(const Sample& sample) {
  limit_ = std::min(limit_, sample.limit());
  for (const auto& [hash, said] : sample.elements()) elements_[hash] |= said;
}

SampleUnion::Counts SampleUnion::counts(std::uint8_t only) const {
  Counts known;
  for (auto element = elements_.begin(); element != elements_.end() && element->first <= limit_; ++element) {
    ++known.all;
    known.only += element->second == only ? 1 : 0;
  }
  if (limit_ == UINT64_MAX) return known;
  const double times = std::ldexp(1.0, 64) / static_cast<double>(limit_);
  const auto of_all = [&](std::int64_t count) { return std::llround(static_cast<double>(count) * times); };
  return {.all = of_all(known.all), .only = of_all(known.only)};
}

}  // namespace suppressd
