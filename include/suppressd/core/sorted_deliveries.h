// Deliveries in the order of their addresses, packed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "suppressd/core/packed.h"
#include "suppressd/core/time.h"

namespace suppressd {

struct NewestDelivery {
  std::string_view address;
  Time at;
  std::string_view queue_id;
};

class SortedDeliveries {
 public:
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  /// To an address that is not before the last one.
  void add(const NewestDelivery& delivery) {
    Packer{bytes_}(delivery.address, delivery.at, delivery.queue_id);
    ++size_;
  }
  std::size_t size() const { return size_; }
  /// Bytes.
  std::size_t memory() const { return bytes_.capacity(); }

  /// Goes through them from the first on. They must stay as they are.
  class Reader {
   public:
    explicit Reader(const SortedDeliveries& deliveries) : unpacker_(deliveries.bytes_.data()), left_(deliveries.size_) {}
    std::size_t left() const { return left_; }
    /// One must be left.
    NewestDelivery next() {
      NewestDelivery delivery;
      unpacker_(delivery.address, delivery.at, delivery.queue_id);
      --left_;
      return delivery;
    }

   private:
    Unpacker unpacker_;
    std::size_t left_;
  };

 private:
  std::string bytes_;
  std::size_t size_ = 0;
};

}  // namespace suppressd
