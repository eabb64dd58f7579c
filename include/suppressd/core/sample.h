// A sample of a set of texts, of which only hashes are known: all of them if there are few, else the
// kMost with the smallest hashes. It depends on the set alone: not on the order, nor on how often an element
// is added. Samples of parts add up to that of the whole.
//
// Plain data and pure functions; nothing fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace suppressd {

/// The same on all machines and in all versions, because it is stored. `seed`: the hash of what comes before.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0);

class Sample {
 public:
  static constexpr std::size_t kMost = 256;

  /// What is said of an element adds up: bits. Returns whether anything is new.
  bool add(std::uint64_t hash, std::uint8_t said = 1);
  const std::map<std::uint64_t, std::uint8_t>& elements() const { return elements_; }
  /// Elements with greater hashes may be missing.
  std::uint64_t limit() const { return elements_.size() < kMost ? UINT64_MAX : elements_.rbegin()->first; }

  /// One element per line: sixteen hexadecimal digits, a space, what is said of it.
  std::string text() const;
  static Sample from(std::string_view text);

 private:
  std::map<std::uint64_t, std::uint8_t> elements_;
};

/// Several samples together. They must live as long as it.
class SampleUnion {
 public:
  void add(const Sample& sample);

  struct Counts {
    std::int64_t all = 0;
    std::int64_t only = 0;  ///< Of which nothing else is said.
  };
  /// Exact if no sample is full. `only`: of which nothing but that is said.
  Counts counts(std::uint8_t only = 1) const;

 private:
  std::map<std::uint64_t, std::uint8_t> elements_;
  std::uint64_t limit_ = UINT64_MAX;
};

}  // namespace suppressd
