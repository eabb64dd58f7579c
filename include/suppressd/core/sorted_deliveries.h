// The newest deliveries to addresses, in the order of these, packed. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/bloom_filter.h"
#include "suppressd/base/time.h"
#include "suppressd/core/packed.h"
#include "suppressd/core/word_list.h"

namespace suppressd {

struct NewestDelivery {
  std::string_view address;
  Time at;
  std::string_view queue_id;
};

// An address is what differs from the one before it, but for every sixteenth, where one can begin to read;
// its domain is a number where it can be; the time is told from that of the first one.
class SortedDeliveries {
 public:
  /// `expected`: how many, about; find() becomes slower where there are more.
  explicit SortedDeliveries(std::size_t expected = 0) : members_(expected) {}

  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  /// To an address that stands behind the last one.
  void add(const NewestDelivery& delivery);
  std::size_t size() const { return size_; }
  /// Bytes, about.
  std::size_t memory() const {
    return bytes_.capacity() + words_.memory() + marks_.capacity() * sizeof(std::uint32_t) +
           members_.memory();
  }
  /// Gives back what it reserved in vain.
  void shrink() { bytes_.shrink_to_fit(); }

  /// Goes through them from the first on. They must stay as they are.
  class Reader {
   public:
    explicit Reader(const SortedDeliveries& deliveries) : Reader(deliveries, 0) {}
    /// False: that was all.
    bool next();
    /// As of the last next(), and until the next one.
    NewestDelivery row() const { return {address_, at_, queue_id_}; }

   private:
    friend class SortedDeliveries;
    Reader(const SortedDeliveries& deliveries, std::size_t mark);

    const SortedDeliveries* deliveries_;
    Unpacker unpacker_;
    std::size_t left_;
    std::string address_;
    Time at_;
    std::string_view queue_id_;
  };

  /// The one to an address, which lies in this object; false: there is none.
  bool find(std::string_view address, NewestDelivery& found) const;

 private:
  static constexpr std::size_t kBetweenMarks = 16;

  std::string bytes_;
  WordList words_;                    ///< Domains.
  std::vector<std::uint32_t> marks_;  ///< Where every so many begin.
  BloomFilter members_;               ///< Addresses: most are asked for in vain.
  std::size_t size_ = 0;
  Time first_;
  std::string last_;  ///< The last address.
};

}  // namespace suppressd
